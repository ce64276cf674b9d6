package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/diagnose"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/transfer"
)

func (s *server) careRoutes() {
	route(s, http.MethodGet, boardPath+"/verification", "verify-board", "Hold a board's rows against its events", s.verify)
	route(s, http.MethodGet, boardPath+"/export", "export-board", "Write a board as a stream of JSON lines", s.export)
	route(s, http.MethodPost, "/imports", "import-board", "Make a new board of an exported stream, which is the body", s.importBoard)
}

type verifyInput struct {
	BoardPath
	Artifacts bool `query:"artifacts" doc:"also read every kept file"`
}

// maxFindings bounds what one answer lists.
const maxFindings = 10000

func (s *server) verify(ctx context.Context, in *verifyInput) (*message[client.Verification], error) {
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	if _, err := human(ctx, "verify"); err != nil {
		return nil, err
	}
	v := client.Verification{Board: b.Slug(), Findings: []client.Contradiction{}}
	note := func(c diagnose.Contradiction) {
		if c.Severity > diagnose.Warning {
			v.Errors++
		}
		if len(v.Findings) < maxFindings {
			v.Findings = append(v.Findings, client.Contradiction{
				Rule: c.Rule, Severity: c.Severity.String(), Task: c.Task, Run: c.Run, Event: c.Event, What: c.What,
			})
		}
	}
	if checker, ok := b.Store().(store.Checker); ok {
		problems, err := checker.Check(false)
		if err != nil {
			problems = append(problems, err.Error())
		}
		for _, p := range problems {
			note(diagnose.Contradiction{Rule: diagnose.RuleDatabase, Severity: diagnose.Critical, What: p})
		}
	}
	err = b.Store().View(ctx, func(r store.Reader) error {
		if err := diagnose.Verify(r, note); err != nil || !in.Artifacts {
			return err
		}
		return r.EachArtifact(func(a kanban.Artifact) error {
			if what := s.artifactAsKept(a); what != "" {
				note(diagnose.Contradiction{Rule: diagnose.RuleArtifacts, Severity: diagnose.Error, Task: a.Task, Run: a.Run, What: what})
			}
			return ctx.Err()
		})
	})
	return answer(v, err)
}

// artifactAsKept says what is wrong with a kept file, "" if nothing is.
func (s *server) artifactAsKept(a kanban.Artifact) string {
	file, size, err := s.o.OpenArtifact(a.SHA256)
	if err != nil {
		return fmt.Sprintf("the content of %s cannot be read: %v", a.Path, err)
	}
	hash := sha256.New()
	_, err = io.Copy(hash, file)
	switch err = errors.Join(err, file.Close()); {
	case err != nil:
		return fmt.Sprintf("the content of %s cannot be read: %v", a.Path, err)
	case size != a.Size || hex.EncodeToString(hash.Sum(nil)) != a.SHA256:
		return fmt.Sprintf("the content of %s is not what was kept", a.Path)
	}
	return ""
}

type exportInput struct {
	BoardPath
	Artifacts bool `query:"artifacts" doc:"the kept files, too"`
}

// export streams. What fails after the first line breaks the answer off; the
// stream lacks its trailer then.
func (s *server) export(ctx context.Context, in *exportInput) (*streamReply, error) {
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	if _, err := human(ctx, "export"); err != nil {
		return nil, err
	}
	info, err := s.o.Boards.Info(ctx, b.Slug())
	if err != nil {
		return nil, err
	}
	h := transfer.Header{ExportedAt: s.o.Clock().UTC().Truncate(time.Millisecond), Andon: s.o.Version, Board: transfer.BoardOf(info)}
	contents := transfer.Contents(nil)
	if in.Artifacts {
		contents = s.o.OpenArtifact
	}
	return &streamReply{func(c huma.Context) {
		_, w := humago.Unwrap(c)
		w.Header().Set("Content-Type", jsonLines)
		err := b.Store().View(ctx, func(r store.Reader) error { return transfer.Export(w, r, h, contents) })
		if err != nil {
			s.o.Log.ErrorContext(ctx, "an export was broken off", "board", b.Slug(), "error", err)
			panic(http.ErrAbortHandler)
		}
	}}, nil
}

const jsonLines = "application/x-ndjson"

type importInput struct {
	Board string `query:"board" doc:"what the new board is called; as in the stream if absent"`

	body io.Reader
}

// Resolve implements huma.Resolver: the body is read as it comes.
func (i *importInput) Resolve(c huma.Context) []error {
	i.body = c.BodyReader()
	return nil
}

var _ huma.Resolver = (*importInput)(nil)

// importBoard puts the stream aside: it is read several times, and nothing of the
// home waits for a slow sender.
func (s *server) importBoard(ctx context.Context, in *importInput) (*message[client.ImportReply], error) {
	a, err := human(ctx, "import")
	if err != nil {
		return nil, err
	}
	var aside *os.File
	files := transfer.Files{Keep: s.o.KeepArtifact, Aside: func() (_ io.ReadWriteSeeker, err error) {
		aside, err = s.nameless()
		return aside, err
	}}
	defer func() { _ = aside.Close() }() // of none, too: it has served
	made, err := transfer.Import(ctx, s.o.Boards, a, in.body, in.Board, files)
	if err != nil {
		return nil, err
	}
	reply := client.ImportReply{Board: made.Board, Counts: made.Counts, Ended: made.Ended}
	b, err := s.o.Boards.Board(ctx, made.Board)
	if err != nil {
		return nil, err
	}
	reply.Contradictions, err = contradictions(ctx, b)
	return answer(reply, err)
}

// nameless makes a file that is gone when it is closed.
func (s *server) nameless() (*os.File, error) {
	if s.o.Aside != "" { // of a home that may not be there yet
		if err := os.MkdirAll(s.o.Aside, 0o700); err != nil {
			return nil, err
		}
	}
	f, err := os.CreateTemp(s.o.Aside, "import-")
	if err != nil {
		return nil, err
	}
	return f, os.Remove(f.Name())
}

func contradictions(ctx context.Context, b *board.Board) (n int, err error) {
	err = b.Store().View(ctx, func(r store.Reader) error {
		return diagnose.Verify(r, func(c diagnose.Contradiction) {
			if c.Severity > diagnose.Warning {
				n++
			}
		})
	})
	return n, err
}
