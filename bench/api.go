package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// api measures how many requests a gateway answers, and how soon: through its
// socket, and over TCP with a token. Reads stand beside a bare server that
// answers the same bytes, writes beside a row in a transaction of its own, on
// the same disk, without any server. All take turns.
func api(ctx context.Context, b *bench) ([]Figure, error) {
	s, err := b.newSite(ctx, "api", 1_000, 10_000, pick(b, 100_000, 20_000))
	if err != nil {
		return nil, err
	}
	defer s.close()
	rows, err := b.newRows(ctx)
	if err != nil {
		return nil, err
	}
	defer rows.home.Close()
	pairs, err := s.pairs(ctx, rows)
	if err != nil {
		return nil, err
	}
	boards := s.wholeBoards(ctx)
	for range pick(b, 5, 2) {
		for _, l := range append(loadsOf(pairs), boards...) {
			if err := l.round(pick(b, 1500*time.Millisecond, 200*time.Millisecond)); err != nil {
				return nil, fmt.Errorf("%s: %w", l.name, err)
			}
		}
	}
	var figures []Figure
	for _, p := range pairs {
		figures = append(figures, p.of.figures(p.beside.name, p.beside)...)
	}
	smallest := fmt.Sprintf("of %d", s.sizes[0])
	for _, l := range boards {
		figures = append(figures, l.figures(smallest, boards[0])[1:]...)
	}
	return figures, nil
}

// site is a gateway with boards of some sizes, and a bare server.
type site struct {
	daemon      *daemon
	bare        *bareServer
	socket, tcp *way
	sizes       []int
}

func boardOf(size int) string { return fmt.Sprintf("of-%d", size) }

func (b *bench) newSite(ctx context.Context, name string, sizes ...int) (*site, error) {
	h, err := b.newHome(name)
	if err != nil {
		return nil, err
	}
	if err := h.furnish(ctx, kanban.DefaultBoard, 10_000); err != nil {
		return nil, err
	}
	for _, size := range sizes {
		if err := h.Create(ctx, store.BoardInfo{Slug: boardOf(size)}); err != nil {
			return nil, err
		}
		if err := h.furnish(ctx, boardOf(size), size); err != nil {
			return nil, err
		}
	}
	if err := h.Close(); err != nil {
		return nil, err
	}
	s := &site{sizes: sizes}
	if s.daemon, err = b.startGateway(ctx, h.path); err != nil {
		return nil, err
	}
	if s.bare, err = b.startBare(ctx); err != nil {
		return nil, err
	}
	login, err := s.daemon.CreateLogin(ctx, client.LoginCreate{Scope: "read"}) // opens the way in over TCP
	if err != nil {
		return nil, err
	}
	at, err := url.Parse(login.URL)
	if err != nil {
		return nil, err
	}
	token, err := s.daemon.CreateToken(ctx, client.TokenCreate{Name: "bench", Scope: "operate"})
	pid := s.daemon.cmd.Process.Pid
	s.socket, s.tcp = wayTo(s.daemon.server, "", pid), wayTo(at.Host, token.Secret, pid)
	return s, err
}

func (s *site) close() {
	s.bare.stop()
	_ = s.daemon.stop() // all that counts has been measured
}

// furnish writes tasks in several statuses, past the use cases: half are done,
// others wait for somebody, or for others.
func (h *home) furnish(ctx context.Context, slug string, size int) error {
	s, err := h.Open(ctx, slug)
	if err != nil {
		return err
	}
	const batch = 5_000
	at := time.Now().Add(-time.Duration(size) * time.Second)
	for from := 0; from < size; from += batch {
		err := s.Update(ctx, func(tx store.Tx) error {
			for i := from; i < min(from+batch, size); i++ {
				if err := oneOfMany(tx, i, at.Add(time.Duration(i)*time.Second)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func taskID(i int) string { return fmt.Sprintf("t_%08x", i) }

func oneOfMany(tx store.Tx, i int, at time.Time) error {
	t := kanban.Task{
		ID: taskID(i), Title: fmt.Sprintf("Task %d of a board that is used", i), Body: body, Assignee: waiting, Priority: i % 5, CreatedBy: me.Name,
		Status: []kanban.Status{kanban.Done, kanban.Ready, kanban.Done, kanban.Todo}[i%4], CreatedAt: at, UpdatedAt: at,
		Workspace: kanban.Workspace{Kind: kanban.Scratch},
	}
	if t.Status == kanban.Done {
		t.StartedAt, t.CompletedAt = at, at.Add(time.Minute)
	}
	if i%40 == 1 {
		t.Status, t.BlockedAt, t.BlockReason = kanban.Blocked, at, "which database?"
	}
	if err := tx.InsertTask(t); err != nil {
		return err
	}
	if t.Status == kanban.Todo {
		for _, parent := range []int{i - 1, i - 2} { // the one is done, the other is not
			if err := tx.PutLink(kanban.Link{Parent: taskID(parent), Child: t.ID}); err != nil {
				return err
			}
		}
		if _, err := tx.AddComment(kanban.Comment{Task: t.ID, Author: me.Name, Body: "use the staging database", At: at}); err != nil {
			return err
		}
	}
	_, err := tx.AddEvent(kanban.Event{Task: t.ID, Kind: kanban.EvCreated, At: at, Payload: map[string]any{"by": me.Name}})
	return err
}

// rows are what a durable write costs at least.
type rows struct {
	home  *home
	store store.Store
	n     atomic.Int64
}

func (b *bench) newRows(ctx context.Context) (*rows, error) {
	h, err := b.newHome("rows")
	if err != nil {
		return nil, err
	}
	s, err := h.Open(ctx, kanban.DefaultBoard)
	return &rows{home: h, store: &singly{Store: s}}, err
}

func (r *rows) write(ctx context.Context, callers int) *load {
	return &load{name: "a row, committed", callers: callers, do: func(int, int) error {
		return r.store.Update(ctx, func(tx store.Tx) error { return tx.SetMeta("bench", fmt.Sprint(r.n.Add(1))) })
	}}
}

// pair is a load and what stands beside it. Several may stand beside the same.
type pair struct{ of, beside *load }

func loadsOf(pairs []pair) []*load {
	var all []*load
	known := map[*load]bool{}
	for _, p := range pairs {
		for _, l := range []*load{p.beside, p.of} {
			if !known[l] {
				all = append(all, l)
			}
			known[l] = true
		}
	}
	return all
}

const (
	column200 = "/api/v1/boards/of-10000/cards?status=ready&limit=200"
	written   = "/api/v1/boards/default/tasks" // by these, so that no other answer changes
)

// pairs are the requests that the dashboard makes most, on boards of middle size,
// by one caller and by several.
func (s *site) pairs(ctx context.Context, rows *rows) ([]pair, error) {
	page, tag, err := s.socket.ask(ctx, http.MethodGet, column200, "")
	if err != nil {
		return nil, err
	}
	if _, _, err := s.bare.socket.ask(ctx, http.MethodPut, "/page", string(page)); err != nil {
		return nil, err
	}
	var all []pair
	for _, callers := range []int{1, 16} {
		row := rows.write(ctx, callers)
		for _, by := range []struct {
			name     string
			to, bare *way
		}{{" by socket", s.socket, s.bare.socket}, {" by TCP", s.tcp, s.bare.tcp}} {
			all = append(all,
				pair{by.to.reading(ctx, "200 cards"+by.name, callers, column200, ""), by.bare.reading(ctx, "bare server", callers, "/page", "")},
				pair{by.to.reading(ctx, "200 cards unchanged"+by.name, callers, column200, tag), by.bare.reading(ctx, "bare server", callers, "/page", `"1"`)},
				pair{by.to.changing(ctx, "change of a task"+by.name, callers), row},
				pair{by.to.creating(ctx, "create"+by.name, callers), row})
		}
	}
	return all, nil
}

// reading asks for a page, unless it is still the one with the tag.
func (w *way) reading(ctx context.Context, name string, callers int, path, tag string) *load {
	return &load{name: name, callers: callers, server: w.server, do: func(int, int) error {
		var header []string
		if tag != "" {
			header = []string{"If-None-Match", tag}
		}
		_, _, err := w.ask(ctx, http.MethodGet, path, "", header...)
		return err
	}}
}

func (w *way) changing(ctx context.Context, name string, callers int) *load {
	return &load{name: name, callers: callers, server: w.server, do: func(caller, i int) error {
		_, _, err := w.ask(ctx, http.MethodPatch, written+"/"+taskID(100*caller+i%100), fmt.Sprintf(`{"priority":%d}`, i))
		return err
	}}
}

func (w *way) creating(ctx context.Context, name string, callers int) *load {
	return &load{name: name, callers: callers, server: w.server, do: func(caller, i int) error {
		_, _, err := w.ask(ctx, http.MethodPost, written, fmt.Sprintf(`{"title":"Task %d of caller %d","assignee":%q,"body":%s}`, i, caller, waiting, quoted(body)))
		return err
	}}
}

func quoted(text string) string {
	raw, _ := json.Marshal(text) // of a string, always
	return string(raw)
}

// wholeBoards load each board as the dashboard does: the first cards of each
// column at once.
func (s *site) wholeBoards(ctx context.Context) []*load {
	var columns []string
	for _, status := range strings.Fields("triage todo scheduled ready running blocked review done") {
		path := "/cards?limit=60&status=" + status
		if status == "done" {
			path += "&sort=updated-desc"
		}
		columns = append(columns, path)
	}
	var all []*load
	for _, size := range s.sizes {
		all = append(all, &load{name: fmt.Sprintf("board of %d tasks, 8 columns at once", size), callers: 1, server: s.tcp.server, do: func(int, int) error {
			return together(len(columns), len(columns), func(i int) error {
				_, _, err := s.tcp.ask(ctx, http.MethodGet, "/api/v1/boards/"+boardOf(size)+columns[i], "")
				return err
			})
		}})
	}
	return all
}
