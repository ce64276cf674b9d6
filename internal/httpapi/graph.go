package httpapi

import (
	"context"
	"net/http"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
)

type showGraphInput struct {
	BoardPath
	Root     string `query:"root" doc:"only what this task waits for, and what waits for it"`
	Finished bool   `query:"finished" doc:"also what nothing unfinished is linked with"`
	Limit    int    `query:"limit" minimum:"1" maximum:"2000" doc:"500 if absent; the nearest to unfinished tasks come first"`
}

const graphLimit = 500

func (s *server) showGraph(ctx context.Context, in *showGraphInput) (*message[client.Graph], error) {
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	q := board.GraphQuery{Finished: in.Finished, Limit: in.Limit}
	if q.Limit == 0 {
		q.Limit = graphLimit
	}
	if in.Root != "" {
		if q.Root, err = resolve(ctx, b, in.Root); err != nil {
			return nil, err
		}
	}
	g, err := b.Graph(ctx, q)
	if err != nil {
		return nil, err
	}
	return answer(client.Graph{Items: s.cards(ctx, b, g.Cards), Links: each(g.Links, wireLink), LeftOut: g.LeftOut, LatestEvent: g.LatestEvent}, nil)
}

type createGraphInput struct {
	BoardPath
	Body client.GraphCreate
}

type createGraphReply struct {
	Status int
	Body   client.Page[client.TaskCreated]
}

// createGraph takes parents as they are: keys of the graph, or whole ids.
func (s *server) createGraph(ctx context.Context, in *createGraphInput) (*createGraphReply, error) {
	b, err := s.board(ctx, in.Board)
	if err != nil {
		return nil, err
	}
	tasks := make([]board.GraphTask, len(in.Body.Tasks))
	for i, w := range in.Body.Tasks {
		parents := w.Parents
		w.Parents = nil
		n, err := s.newTask(ctx, b, w.TaskCreate)
		if err != nil {
			return nil, err
		}
		n.Parents = parents
		tasks[i] = board.GraphTask{Key: w.Key, NewTask: n}
	}
	made, err := b.CreateGraph(ctx, actor(ctx), tasks)
	return &createGraphReply{http.StatusCreated, client.Page[client.TaskCreated]{Items: each(made, wireCreated)}}, err
}
