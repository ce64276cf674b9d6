package httpapi

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

const (
	boardPath   = "/boards/{board}"
	currentPath = "/current-board"
)

func (s *server) boardRoutes() {
	route(s, http.MethodGet, "/boards", "list-boards", "List the boards", s.listBoards)
	route(s, http.MethodPost, "/boards", "create-board", "Make a board, or return the one that is there", s.createBoard)
	route(s, http.MethodGet, boardPath, "show-board", "Describe a board", s.showBoard)
	route(s, http.MethodPatch, boardPath, "edit-board", "Change a board", s.editBoard)
	route(s, http.MethodDelete, boardPath, "delete-board", "Remove an archived board for good", moving(s, (*board.Boards).Delete))
	route(s, http.MethodPost, boardPath+"/archive", "archive-board", "Take a board out of sight", moving(s, (*board.Boards).Archive))
	route(s, http.MethodPost, boardPath+"/restore", "restore-board", "Bring an archived board back", moving(s, (*board.Boards).Restore))
	route(s, http.MethodPost, boardPath+"/reopen", "reopen-board", "Open a latched board again, once its file is sound", s.reopenBoard)
	route(s, http.MethodPost, "/reopen", "reopen-home", "Open again what spans the boards, once its file is sound", s.reopenHome)
	route(s, http.MethodGet, currentPath, "current-board", "Describe the selected board", s.currentBoard)
	route(s, http.MethodPut, currentPath, "switch-board", "Select a board", s.switchBoard)
	route(s, http.MethodGet, boardPath+"/stats", "board-stats", "Count what is on a board", s.stats)
	route(s, http.MethodPost, boardPath+"/lanes/test", "test-lanes", "Look whether the workers of lanes could start", s.testLanes)
	route(s, http.MethodGet, boardPath+"/lanes", "list-lanes", "List lanes, and assignees that are none", s.lanes)
}

type listBoardsInput struct {
	Archived bool `query:"archived" doc:"archived ones too"`
}

func (s *server) listBoards(ctx context.Context, in *listBoardsInput) (*message[client.Page[client.Board]], error) {
	infos, err := s.o.Boards.List(ctx, in.Archived)
	if err != nil {
		return nil, err
	}
	infos = slices.DeleteFunc(infos, func(i store.BoardInfo) bool { return ownBoard(ctx, i.Slug) != nil })
	current, err := s.o.Boards.Current(ctx)
	if err != nil {
		return nil, err
	}
	return whole(each(infos, func(i store.BoardInfo) client.Board { return s.describe(ctx, i, current) }), nil)
}

// describe tells of a board what there is; one that cannot be read says why.
func (s *server) describe(ctx context.Context, i store.BoardInfo, current string) client.Board {
	w := client.Board{
		Slug: i.Slug, Name: i.Name, Description: i.Description, Icon: i.Icon, Color: i.Color, WorkDir: i.WorkDir,
		CreatedAt: when(i.CreatedAt), Archived: i.Archived, Current: i.Slug == current, Counts: map[string]int{},
	}
	if i.Archived {
		return w
	}
	b, err := s.o.Boards.Board(ctx, i.Slug)
	if err != nil {
		w.Problem, w.Hint = problem(err)
		return w
	}
	if err := b.Store().Latched(); err != nil {
		w.Latched = true
		w.Problem, w.Hint = problem(err)
	}
	counts, err := b.Stats(ctx)
	if err != nil {
		w.Problem, w.Hint = problem(err)
		return w
	}
	w.Counts = wireCounts(counts.ByStatus)
	return w
}

// problem is what is shown of an error beside what still can be told.
func problem(err error) (said, hint string) {
	p := problemOf(err)
	return p.Message, p.Hint
}

func (s *server) described(ctx context.Context, i store.BoardInfo, err error) (*message[client.Board], error) {
	if err != nil {
		return nil, err
	}
	current, err := s.o.Boards.Current(ctx)
	return answer(s.describe(ctx, i, current), err)
}

func (s *server) showBoard(ctx context.Context, in *BoardPath) (*message[client.Board], error) {
	slug, err := s.slug(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	info, err := s.o.Boards.Info(ctx, slug)
	out, err := s.described(ctx, info, err)
	if a := actor(ctx); err != nil || a.Kind != kanban.Human || a.Agent || out.Body.Problem != "" {
		return out, err
	}
	b, err := s.o.Boards.Board(ctx, slug)
	if err == nil {
		out.Body.Tenants, err = b.Tenants(ctx)
	}
	if err == nil {
		out.Body.Labels, err = b.Labels(ctx)
	}
	return out, err
}

type createBoardReply struct {
	Status int
	Body   client.Board
}

func (s *server) createBoard(ctx context.Context, in *message[client.BoardCreate]) (*createBoardReply, error) {
	info := store.BoardInfo{Slug: in.Body.Slug}
	apply(in.Body.BoardChange)(&info)
	info, created, err := s.o.Boards.Create(ctx, actor(ctx), info)
	out, err := s.described(ctx, info, err)
	if err != nil {
		return nil, err
	}
	out.Body.Created = created
	if created {
		return &createBoardReply{http.StatusCreated, out.Body}, nil
	}
	return &createBoardReply{http.StatusOK, out.Body}, nil
}

type editBoardInput struct {
	BoardPath
	Body client.BoardChange
}

func (s *server) editBoard(ctx context.Context, in *editBoardInput) (*message[client.Board], error) {
	info, err := s.o.Boards.Change(ctx, actor(ctx), in.Board, apply(in.Body))
	return s.described(ctx, info, err)
}

func apply(c client.BoardChange) func(*store.BoardInfo) {
	return func(i *store.BoardInfo) {
		set(&i.Name, c.Name)
		set(&i.Description, c.Description)
		set(&i.Icon, c.Icon)
		set(&i.Color, c.Color)
		set(&i.WorkDir, c.WorkDir)
	}
}

// moving is a verb that takes a board as a whole.
func moving(s *server, do func(b *board.Boards, ctx context.Context, a kanban.Actor, name string) error) func(context.Context, *BoardPath) (*nothing, error) {
	return func(ctx context.Context, in *BoardPath) (*nothing, error) {
		return done(do(s.o.Boards, ctx, actor(ctx), in.Board))
	}
}

func (s *server) reopenBoard(ctx context.Context, in *BoardPath) (*message[client.Board], error) {
	slug, err := s.slug(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	if err := s.o.Boards.Reopen(ctx, actor(ctx), slug); err != nil {
		return nil, err
	}
	return s.showBoard(ctx, &BoardPath{slug})
}

func (s *server) reopenHome(ctx context.Context, _ *nothing) (*nothing, error) {
	return done(s.o.Boards.Reopen(ctx, actor(ctx), ""))
}

func (s *server) currentBoard(ctx context.Context, _ *nothing) (*message[client.Board], error) {
	slug, err := s.o.Boards.Current(ctx)
	if err != nil {
		return nil, err
	}
	return s.showBoard(ctx, &BoardPath{slug})
}

func (s *server) switchBoard(ctx context.Context, in *message[client.CurrentBoard]) (*message[client.Board], error) {
	if err := s.o.Boards.Switch(ctx, actor(ctx), in.Body.Board); err != nil {
		return nil, err
	}
	return s.showBoard(ctx, &BoardPath{in.Body.Board})
}

// maxParked bounds how many parked deliveries are counted.
const maxParked = 10000

func (s *server) stats(ctx context.Context, in *BoardPath) (*message[client.Stats], error) {
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	counts, err := b.Stats(ctx)
	if err != nil {
		return nil, err
	}
	runs, err := b.LiveRuns(ctx)
	if err != nil {
		return nil, err
	}
	parked, err := b.Deliveries(ctx, store.Parked, maxParked)
	now := s.o.Clock()
	w := client.Stats{
		ByStatus: wireCounts(counts.ByStatus), ByAssignee: map[string]map[string]int{}, Now: now,
		RunsInProgress: len(runs), ParkedDeliveries: len(parked),
	}
	if !counts.OldestReady.IsZero() {
		w.OldestReadyAge = now.Sub(counts.OldestReady).Seconds()
	}
	for lane, n := range counts.ByLane {
		w.ByAssignee[lane] = wireCounts(n)
	}
	return answer(w, err)
}

func (s *server) lanes(ctx context.Context, in *BoardPath) (*message[client.Page[client.Lane]], error) {
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	counts, err := b.Stats(ctx)
	if err != nil {
		return nil, err
	}
	runs, err := b.LiveRuns(ctx)
	if err != nil {
		return nil, err
	}
	holds, err := s.o.Boards.Holds(ctx)
	if err != nil {
		return nil, err
	}
	lanes := withAssignees(s.o.Lanes(), counts.ByLane)
	open := mayAsk(ctx, "show-config") == nil
	for i := range lanes {
		l := &lanes[i]
		if !open {
			hideMachine(l)
		}
		l.Counts = wireCounts(counts.ByLane[l.Name])
		for _, r := range runs {
			if r.Lane == l.Name {
				l.Running++
			}
		}
		for _, h := range holds {
			if slices.Contains([]string{"all", "board:" + b.Slug(), "lane:" + l.Name, "account:" + l.Account}, h.Scope) {
				l.Holds = append(l.Holds, wireHold(h))
			}
		}
	}
	return whole(lanes, nil)
}

// hideMachine leaves out of a lane what is the configuration's to tell: what is
// run on this machine, and which of its folders are open to it.
func hideMachine(l *client.Lane) {
	l.Command = nil
	if l.Walls != nil {
		w := *l.Walls
		w.Write, w.Read = nil, nil
		l.Walls = &w
	}
}

type testLanesInput struct {
	BoardPath
	Body client.LanesToTest
}

func (s *server) testLanes(ctx context.Context, in *testLanesInput) (*message[client.Page[client.LaneTest]], error) {
	if _, err := human(ctx, "testing lanes"); err != nil {
		return nil, err
	}
	slug, err := s.slug(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	info, err := s.o.Boards.Info(ctx, slug)
	if err != nil {
		return nil, err
	}
	if s.o.TestLanes == nil {
		_, err := s.control()
		return nil, err
	}
	return whole(s.o.TestLanes(ctx, in.Body.Lanes, info.WorkDir))
}

// withAssignees adds those who have tasks but stand in no configuration.
func withAssignees(lanes []client.Lane, counts map[string]map[kanban.Status]int) []client.Lane {
	byName := func(a, b client.Lane) int { return strings.Compare(a.Name, b.Name) }
	lanes = slices.SortedFunc(slices.Values(lanes), byName)
	configured := len(lanes)
	for i := range lanes {
		lanes[i].Known = true
	}
	for name := range counts {
		known := slices.ContainsFunc(lanes, func(l client.Lane) bool { return l.Name == name })
		if name != "" && !known {
			lanes = append(lanes, client.Lane{Name: name})
		}
	}
	slices.SortFunc(lanes[configured:], byName)
	return lanes
}
