package httpapi

import (
	"context"
	"mime"
	"net/http"
	"path"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

func (s *server) runRoutes() {
	route(s, http.MethodGet, taskPath+"/runs", "list-runs", "List a task's runs, oldest first", s.listRuns)
	route(s, http.MethodGet, taskPath+"/diff", "diff-task", "Show what a run changed in its work tree, as git says it", s.diff)
	route(s, http.MethodGet, taskPath+"/artifacts/{sha256}", "get-artifact", "Fetch a file that a run left", s.artifact)
	route(s, http.MethodGet, boardPath+"/runs/{run}", "show-run", "Show a run", s.showRun)
	route(s, http.MethodGet, boardPath+"/runs/{run}/log", "run-log", "Read a run's log, or wait for more of it", s.log)
}

func (s *server) listRuns(ctx context.Context, in *TaskPath) (*message[client.Page[client.Run]], error) {
	t, err := s.target(ctx, *in)
	if err != nil {
		return nil, err
	}
	runs, err := t.board.Runs(ctx, t.id)
	return whole(each(runs, wireRun), err)
}

// RunPath names a run.
type RunPath struct {
	BoardPath
	Run int64 `path:"run" doc:"the run's number on its board"`
}

func (s *server) showRun(ctx context.Context, in *RunPath) (*message[client.Run], error) {
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	run, err := findRun(ctx, b, in.Run)
	return answer(wireRun(run), err)
}

// findRun returns a run, if who asks may see its task.
func findRun(ctx context.Context, b *board.Board, id int64) (kanban.Run, error) {
	run, err := b.Run(ctx, id)
	if kanban.CodeOf(err) == kanban.NotFound {
		err = kanban.Errorf(kanban.NotFound, "board %s has no run %d", b.Slug(), id).Hint("andon runs TASK  lists those of a task")
	}
	if err != nil {
		return run, err
	}
	return run, b.MayRead(ctx, actor(ctx), run.Task)
}

type artifactInput struct {
	TaskPath
	SHA256 string `path:"sha256" pattern:"^[0-9a-f]{64}$"`
}

type streamReply struct{ Body func(huma.Context) }

// artifact sends a file as it is, but never to be run or shown by a browser:
// it comes from a worker.
func (s *server) artifact(ctx context.Context, in *artifactInput) (*streamReply, error) {
	t, err := s.target(ctx, in.TaskPath)
	if err != nil {
		return nil, err
	}
	d, err := t.board.Show(ctx, t.id)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(d.Artifacts, func(a kanban.Artifact) bool { return a.SHA256 == in.SHA256 })
	if at < 0 {
		return nil, kanban.Errorf(kanban.NotFound, "task %s has no artifact %s", t.id, in.SHA256).Hint("andon show %s  lists them", t.id)
	}
	kept := d.Artifacts[at]
	file, _, err := s.o.OpenArtifact(kept.SHA256)
	if err != nil {
		return nil, err
	}
	return &streamReply{func(c huma.Context) {
		r, w := humago.Unwrap(c)
		defer func() {
			if err := file.Close(); err != nil {
				s.o.Log.ErrorContext(ctx, "an artifact did not close", "sha256", kept.SHA256, "error", err)
			}
		}()
		h := w.Header()
		h.Set("Content-Type", kept.Type)
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": path.Base(kept.Path)}))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("ETag", `"`+kept.SHA256+`"`)
		http.ServeContent(w, r, "", time.Time{}, file)
	}}, nil
}
