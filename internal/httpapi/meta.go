package httpapi

import (
	"context"
	"slices"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

func (s *server) meta(ctx context.Context, _ *nothing) (*message[client.Meta], error) {
	a := actor(ctx)
	m := client.Meta{
		Version: s.o.Version, API: client.API, Limits: board.TextLimits(), Name: a.Name, Kind: a.Kind.String(), May: []string{},
		Statuses: each(kanban.Statuses, func(st kanban.Status) client.MetaStatus {
			return client.MetaStatus{Name: string(st), Words: st.Words(), Moves: each(kanban.Moves(st, 0), func(m kanban.Move) client.MetaMove {
				return client.MetaMove{To: string(m.To), Action: string(m.Action), Reason: m.Reason}
			})}
		}),
	}
	m.Limits["cards"] = cardLimit
	if a.Agent {
		m.Kind = "agent"
	}
	bound := a.Kind == kanban.Human && a.Board != ""
	for _, r := range s.routes {
		if mayAsk(ctx, r.id) == nil && (!bound || r.ofBoard || slices.Contains(ofTheHome, r.id)) {
			m.May = append(m.May, r.id)
		}
	}
	return answer(m, nil)
}
