package httpapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

// once marks the context of a change with the operation id that its caller gave,
// bound to who asks for what. The path is left to the use case, which knows its
// task by any spelling.
func once(ctx context.Context, r *http.Request, operation string) (context.Context, error) {
	key := r.Header.Get(headerOperation)
	if key == "" {
		return ctx, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest+1)) // the handler refuses what is longer
	if err != nil {
		return ctx, kanban.Errorf(kanban.Invalid, "the request breaks off: %w", err)
	}
	r.Body = &restored{io.MultiReader(bytes.NewReader(body), r.Body), r.Body}
	asked, err := json.Marshal([]any{whose(actor(ctx)), operation, r.URL.Query(), sorted(body)})
	if err != nil {
		return ctx, err
	}
	sum := sha256.Sum256(asked)
	return board.WithOperation(ctx, key, hex.EncodeToString(sum[:])), nil
}

// whose is who acts, however known: a run by its processes or its credential.
func whose(a kanban.Actor) []any {
	if a.Kind == kanban.Worker {
		return []any{"run", a.Board, a.Run}
	}
	return []any{a.Kind.String(), a.Name, a.Agent}
}

// sorted is what a body says, whatever the order of its keys. A body that is no
// JSON is taken as it is.
func sorted(body []byte) any {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var said any
	if d.Decode(&said) != nil {
		return body
	}
	return said
}

// restored is a body of which a part was read and is there again.
type restored struct {
	io.Reader
	io.Closer
}
