package httpapi

import (
	"context"
	"net/http"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
)

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
