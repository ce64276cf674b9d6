package gateway

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/doctor"
	"github.com/andon-dev/andon/internal/kanban"
)

// Examine serves a checkup of a home in this process whatever state that is in:
// with a broken andon.yaml, on a file system that no board may lie on, beside a
// gateway that does not answer, or not there at all. Nothing is made, and beside
// a gateway no board is opened. Close what it returns.
func Examine(_ context.Context, o Options) (http.Handler, io.Closer, error) {
	p, err := config.PathsOf(o.Home, os.Getenv)
	if err != nil {
		return nil, nil, err
	}
	c, err := config.Load(p.Config)
	if err != nil {
		c = config.Defaults()
	}
	a, err := newApp(o, p, c, true)
	if err != nil { // the facts tell why
		a = bareApp(o, p, c)
		a.unusable = err
	}
	pid, held, err := Owner(o.Home)
	a.keeper = func() doctor.Gateway { return doctor.Gateway{Held: held || err != nil, PID: pid} }
	return a.handler(alone, nil, nil), a, nil
}

// way is what an error suggests to do about it.
func way(err error) string {
	var ours *kanban.Error
	if errors.As(err, &ours) {
		return ours.Way
	}
	return ""
}

// checkup looks at the home for a program of a version.
func (a *app) checkup(ctx context.Context, asker string) (client.Checkup, error) {
	facts, err := a.facts(ctx, asker)
	if err != nil {
		return client.Checkup{}, err
	}
	out := client.Checkup{Home: a.paths.Home, Version: a.Version}
	for _, f := range doctor.Examine(facts) {
		out.Findings = append(out.Findings, client.Symptom{
			Name: f.Name, Severity: f.Severity.String(), What: f.What, Why: f.Why, Command: f.Command, Fix: slices.Contains(doctor.Repairs, f.Name),
		})
	}
	return out, nil
}

// repair does what a finding suggests, as far as it is still so.
func (a *app) repair(ctx context.Context, name string, dryRun bool) (client.Repair, error) {
	if !slices.Contains(doctor.Repairs, name) {
		return client.Repair{}, kanban.Errorf(kanban.Invalid, "there is no repair %s", kanban.Quote(name)).Hint("one of %s", strings.Join(doctor.Repairs, ", "))
	}
	facts, err := a.facts(ctx, a.Version)
	if err != nil {
		return client.Repair{}, err
	}
	out := client.Repair{Name: name, DryRun: dryRun}
	for _, s := range a.steps(ctx, name, facts) {
		if !dryRun {
			if err := s.do(); err != nil {
				return out, kanban.Errorf(kanban.Unavailable, "%s: %w", s.what, err).Hint("andon doctor  tells what is left")
			}
		}
		out.Done = append(out.Done, s.what)
	}
	return out, nil
}
