package httpapi

import (
	"context"
	"net/http"
	"slices"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/diagnose"
	"github.com/andon-dev/andon/internal/store"
)

func (s *server) diagnosticRoutes() {
	route(s, http.MethodGet, boardPath+"/diagnostics", "diagnostics", "List tasks that a person should look at", s.diagnostics)
}

type diagnosticsInput struct {
	BoardPath
	Task string `query:"task" doc:"only this one"`
}

func (s *server) diagnostics(ctx context.Context, in *diagnosticsInput) (*message[client.Page[client.Diagnosis]], error) {
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	served := s.served()
	if in.Task == "" {
		found, err := store.View(ctx, b.Store(), func(r store.Reader) ([]diagnose.Diagnosis, error) {
			return diagnose.Board(r, s.o.Clock(), served)
		})
		if why := b.Store().Latched(); why != nil { // then the rest may be unreadable
			found, err = append([]diagnose.Diagnosis{diagnose.Latched(b.Slug(), why)}, found...), nil
		}
		return whole(each(found, wireDiagnosis), err)
	}
	d, err := s.diagnosis(ctx, b, in.Task, served)
	if err != nil || len(d.Findings) == 0 {
		return whole([]client.Diagnosis{}, err)
	}
	return whole([]client.Diagnosis{wireDiagnosis(d)}, nil)
}

func (s *server) diagnosis(ctx context.Context, b *board.Board, start string, served func(string) bool) (diagnose.Diagnosis, error) {
	id, err := resolve(ctx, b, start)
	if err != nil {
		return diagnose.Diagnosis{}, err
	}
	return store.View(ctx, b.Store(), func(r store.Reader) (diagnose.Diagnosis, error) {
		t, err := r.Task(id)
		if err != nil {
			return diagnose.Diagnosis{}, err
		}
		return diagnose.Task(r, t, s.o.Clock(), served)
	})
}

// served tells of a lane whether it stands in the configuration.
func (s *server) served() func(lane string) bool {
	lanes := s.o.Lanes()
	return func(name string) bool {
		return slices.ContainsFunc(lanes, func(l client.Lane) bool { return l.Name == name })
	}
}

func wireDiagnosis(d diagnose.Diagnosis) client.Diagnosis {
	return client.Diagnosis{
		TaskID: d.Task.ID, Title: d.Task.Title, Status: string(d.Task.Status), Assignee: d.Task.Assignee, Findings: each(d.Findings, wireFinding),
	}
}

func wireFinding(f diagnose.Finding) client.Finding {
	return client.Finding{
		Kind: f.Kind, Severity: f.Severity.String(), Title: f.Title, Detail: f.Detail, Actions: f.Actions,
		Since: when(f.Since), Count: f.Count, Data: f.Data,
	}
}
