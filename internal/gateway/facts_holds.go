package gateway

import (
	"cmp"
	"context"
	"fmt"

	"github.com/andon-dev/andon/internal/doctor"
	"github.com/andon-dev/andon/internal/store"
)

// holdFacts tell what is held, or why that is not known.
func (a *app) holdFacts(ctx context.Context, f *doctor.Facts) {
	var holds []store.Hold
	err := a.home.StateProblem(ctx)
	if err == nil {
		holds, err = a.boards.Holds(ctx)
	}
	if err == nil {
		f.Holds, err = a.home.StrayHolds(ctx)
	}
	if err != nil {
		f.Home.State, f.Home.Mend = err.Error(), way(err)
		return
	}
	for _, h := range holds {
		if h.Scope == "all" {
			f.Home.Held = fmt.Sprintf("%s (by %s)", cmp.Or(h.Reason, "the cord was pulled"), h.By)
		}
	}
}
