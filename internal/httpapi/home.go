package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

func (s *server) homeRoutes() {
	route(s, http.MethodGet, "/holds", "list-holds", "List what keeps work from starting", s.listHolds)
	route(s, http.MethodPost, "/holds", "pull", "Pull the cord: nothing new starts in a scope", s.pull)
	route(s, http.MethodDelete, "/holds/{scope}", "resume", "Let a scope start work again", s.resume)
	route(s, http.MethodPost, "/gc", "gc", "Remove what retention no longer asks for", s.gc)
}

func (s *server) listHolds(ctx context.Context, _ *nothing) (*message[client.Page[client.Hold]], error) {
	holds, err := s.o.Boards.Holds(ctx)
	return whole(each(holdsFor(actor(ctx).Board, holds), wireHold), err)
}

// holdsFor leaves out what is of other boards than the only one that somebody may
// see.
func holdsFor(only string, holds []store.Hold) []store.Hold {
	if only == "" {
		return holds
	}
	var kept []store.Hold
	for _, h := range holds {
		if slug, ofBoard := strings.CutPrefix(h.Scope, "board:"); ofBoard && slug != only {
			continue
		}
		h.Tasks = slices.DeleteFunc(slices.Clone(h.Tasks), func(t store.TaskRef) bool { return t.Board != only })
		kept = append(kept, h)
	}
	return kept
}

// pull holds first and stops then, so that nothing starts in between.
func (s *server) pull(ctx context.Context, in *message[client.PullRequest]) (*message[client.PullReply], error) {
	a, err := human(ctx, "pull")
	if err != nil {
		return nil, err
	}
	scope, err := s.scope(ctx, in.Body.Scope)
	if err != nil {
		return nil, err
	}
	var c Control
	if in.Body.Stop {
		if c, err = s.control(); err != nil {
			return nil, err
		}
	}
	if err := s.o.Boards.Pull(ctx, a, scope, in.Body.Reason, s.o.Clock()); err != nil {
		return nil, err
	}
	out := client.PullReply{Scope: scope}
	if c != nil {
		out.Stopped, err = c.StopRuns(ctx, scope)
	}
	return answer(out, err)
}

type scopeInput struct {
	Scope string `path:"scope" doc:"all, board:SLUG, lane:NAME, account:NAME or repo:PATH"`
}

func (s *server) resume(ctx context.Context, in *scopeInput) (*nothing, error) {
	a, err := human(ctx, "resume")
	if err != nil {
		return nil, err
	}
	scope, err := oneSpelling(in.Scope)
	if err != nil {
		return nil, err
	}
	return done(s.o.Boards.Resume(ctx, a, scope))
}

// scope checks what is to be held: a board must be there. A lane or account may
// be one that the configuration has yet to name.
func (s *server) scope(ctx context.Context, word string) (string, error) {
	scope, err := oneSpelling(word)
	if err != nil {
		return "", err
	}
	if slug, ok := strings.CutPrefix(scope, "board:"); ok {
		_, err = s.o.Boards.Info(ctx, slug)
	}
	return scope, err
}

func oneSpelling(word string) (string, error) {
	kind, name, named := strings.Cut(strings.TrimSpace(word), ":")
	switch {
	case kind == "all" && !named:
		return kind, nil
	case named && (kind == "board" || kind == "lane" || kind == "account"):
		slug, err := kanban.Slug(name)
		return kind + ":" + slug, err
	case kind == "repo" && filepath.IsAbs(name):
		return kind + ":" + name, nil
	}
	return "", kanban.Errorf(kanban.Invalid, "%s is not a scope", kanban.Quote(word)).Hint("all, board:SLUG, lane:NAME, account:NAME or repo:/absolute/path")
}

type gcInput struct {
	Board  string `query:"board" doc:"only this board"`
	DryRun bool   `query:"dry_run" doc:"only count"`
}

func (s *server) gc(ctx context.Context, in *gcInput) (*message[client.GCReport], error) {
	if _, err := human(ctx, "gc"); err != nil {
		return nil, err
	}
	total := client.GCReport{DryRun: in.DryRun}
	boards, err := s.boardsOf(ctx, in.Board, func(slug string, err error) { total.Failed = append(total.Failed, slug+": "+err.Error()) })
	if err != nil {
		return nil, err
	}
	for _, b := range boards {
		n, err := s.o.GC(ctx, b, in.DryRun)
		if err != nil && in.Board != "" {
			return nil, err
		}
		if err != nil {
			s.o.Log.ErrorContext(ctx, "retention cannot be applied", "board", b.Slug(), "error", err)
			total.Failed = append(total.Failed, b.Slug()+": "+err.Error())
		}
		total.Workspaces += n.Workspaces
		total.Events += n.Events
		total.Logs += n.Logs
		total.Artifacts += n.Artifacts
	}
	return answer(total, nil)
}

// boardsOf is the named board, or every one that is not archived; of those that
// cannot be opened failed is told.
func (s *server) boardsOf(ctx context.Context, name string, failed func(slug string, err error)) ([]*board.Board, error) {
	if name != "" {
		b, err := s.board(ctx, name)
		return []*board.Board{b}, err
	}
	infos, err := s.o.Boards.List(ctx, false)
	if err != nil {
		return nil, err
	}
	var all []*board.Board
	for _, info := range infos {
		b, err := s.board(ctx, info.Slug)
		if err != nil {
			failed(info.Slug, err)
			continue
		}
		all = append(all, b)
	}
	return all, nil
}

func (s *server) health(w http.ResponseWriter, r *http.Request) {
	text, err := json.Marshal(client.Health{Status: "ok", Version: s.o.Version})
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.send(w, r, text)
}

// plain adds what is asked for by path and no operation of the API.
func (s *server) plain(path, id string, do http.HandlerFunc) {
	s.mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
		err := mayAsk(r.Context(), id)
		if err == nil {
			err = s.within(r.Context(), id, r)
		}
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		do(w, r)
	})
}

// ready tells whether work is taken in and started.
func (s *server) ready(w http.ResponseWriter, r *http.Request) {
	c, err := s.control()
	if err == nil {
		g := c.Status(r.Context())
		switch {
		case g.Draining:
			err = kanban.Errorf(kanban.Unavailable, "the gateway ends when its runs have").Hint("andon gateway start  starts the next one then; andon gateway stop  and  start  call the draining off: workers go on")
		case !g.Dispatching:
			err = kanban.Errorf(kanban.Unavailable, "nothing is started: %s", g.Reason).Hint("andon gateway status")
		default:
			err = s.o.Boards.Latched()
		}
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.send(w, r, []byte(`{"status":"ready"}`))
}

func (s *server) send(w http.ResponseWriter, r *http.Request, text []byte) {
	w.Header().Set("Content-Type", "application/json")
	if _, err := w.Write(append(text, '\n')); err != nil {
		s.o.Log.DebugContext(r.Context(), "the caller is gone", "error", err)
	}
}

// openAPI describes the API; it is made at the first request.
func (s *server) openAPI() http.HandlerFunc {
	description := sync.OnceValues(func() ([]byte, error) {
		api := humago.New(http.NewServeMux(), config())
		for _, register := range s.operations {
			register(api)
		}
		return json.MarshalIndent(api.OpenAPI(), "", "  ")
	})
	return func(w http.ResponseWriter, r *http.Request) {
		text, err := description()
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		s.send(w, r, text)
	}
}
