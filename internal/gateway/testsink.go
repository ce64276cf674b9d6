package gateway

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/notify"
	"github.com/andon-dev/andon/internal/store"
)

// testSink sends a message that says only that it is one.
func (a *app) testSink(ctx context.Context, board string, to store.Destination) (ref string, err error) {
	sink := a.sinks()[to.Sink]
	if sink == nil {
		names := slices.Sorted(maps.Keys(a.config.Load().Notify.Sinks))
		return "", kanban.Errorf(kanban.NotFound, "there is no sink %s in andon.yaml", kanban.Quote(to.Sink)).
			Hint("notify.sinks has: %s", cmp.Or(strings.Join(names, ", "), "none"))
	}
	receipt, err := notify.Trial(ctx, sink, board, to, a.Clock())
	if err != nil {
		return "", kanban.Errorf(kanban.Unavailable, "sink %s: %w", to.Sink, err).Hint("docs/sinks.md says what each kind of sink needs")
	}
	return receipt.Ref, nil
}
