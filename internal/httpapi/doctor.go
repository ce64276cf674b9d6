package httpapi

import (
	"context"
	"net/http"

	"github.com/andon-dev/andon/client"
)

func (s *server) doctorRoutes() {
	route(s, http.MethodGet, "/doctor", "checkup", "Look for what is wrong with home and gateway", s.checkup)
	route(s, http.MethodPost, "/doctor/fixes/{name}", "repair", "Do a safe repair", s.repair)
}

type checkupInput struct {
	Version string `query:"version" doc:"of the program that asks"`
}

func (s *server) checkup(ctx context.Context, in *checkupInput) (*message[client.Checkup], error) {
	if _, err := human(ctx, "doctor"); err != nil {
		return nil, err
	}
	found, err := s.o.Checkup(ctx, in.Version)
	found.Findings = list(found.Findings)
	return answer(found, err)
}

type repairInput struct {
	Name   string `path:"name" doc:"of the finding"`
	DryRun bool   `query:"dry_run" doc:"only tell"`
}

func (s *server) repair(ctx context.Context, in *repairInput) (*message[client.Repair], error) {
	if _, err := human(ctx, "a repair"); err != nil {
		return nil, err
	}
	done, err := s.o.Repair(ctx, in.Name, in.DryRun)
	done.Done = list(done.Done)
	return answer(done, err)
}
