package board

import (
	"context"
	"encoding/json"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

type operationKey struct{}

// operation is a client's id of a change, and a digest of who asks for what.
type operation struct{ id, request string }

// WithOperation marks a context with the client's operation id: a mutation that
// was already done under this id is not done again but answered as before.
// Another mutation, the same of another task, or another request is a conflict.
// The request is a digest of who asks and of all that is asked.
func WithOperation(ctx context.Context, id, request string) context.Context {
	return context.WithValue(ctx, operationKey{}, operation{id, request})
}

// PartOfOperation is a context for what an operation does to one of several tasks.
func PartOfOperation(ctx context.Context, task string) context.Context {
	o := operationOf(ctx)
	if o.id == "" {
		return ctx
	}
	return WithOperation(ctx, o.id+" "+task, o.request)
}

// operationOf is the zero operation if the client gave no id.
func operationOf(ctx context.Context) operation {
	o, _ := ctx.Value(operationKey{}).(operation)
	return o
}

// Begin keeps for what request an operation stands whose parts are done one by
// one.
//
// Errors: conflict if it stands for something else.
func (b *Board) Begin(ctx context.Context) error {
	if operationOf(ctx).id == "" {
		return nil
	}
	_, err := mutate(ctx, b, "several", "", func(store.Tx) (struct{}, error) { return struct{}{}, nil })
	return err
}

// answer is how the result of an operation is kept.
type answer[T any] struct {
	Op      string
	Request string `json:",omitempty"` // older versions kept none
	Result  T
	From    kanban.Status `json:",omitempty"` // of a move: where the task was
}

// fromKey is where the verb of a move finds the status that it leaves.
type fromKey struct{}

// mutate runs fn as one transaction of the named operation on a target.
func mutate[T any](ctx context.Context, b *Board, op, target string, do func(store.Tx) (T, error)) (T, error) {
	op += " " + target
	fn := func(tx store.Tx) (out T, err error) {
		if err := asSeen(ctx, tx, target); err != nil {
			return out, err
		}
		return do(tx)
	}
	o := operationOf(ctx)
	return store.Update(ctx, b.store, func(tx store.Tx) (T, error) {
		if o.id == "" {
			return fn(tx)
		}
		kept, done, err := recall[T](tx, o, func(before string) bool { return before == op })
		if done || err != nil {
			return kept.Result, err
		}
		out, err := fn(tx)
		if err != nil {
			return out, err
		}
		from, _ := ctx.Value(fromKey{}).(kanban.Status)
		raw, err := json.Marshal(answer[T]{Op: op, Request: o.request, Result: out, From: from})
		if err != nil {
			return out, err
		}
		return out, tx.PutOperation(o.id, raw, b.now())
	})
}

// recall returns the answer that an operation was given before, if what was done
// then is the same.
func recall[T any](r store.Reader, o operation, same func(op string) bool) (kept answer[T], done bool, err error) {
	raw, done, err := r.Operation(o.id)
	if err != nil || !done {
		return kept, false, err
	}
	var head struct{ Op, Request string }
	if err := json.Unmarshal(raw, &head); err != nil {
		return kept, false, err
	}
	if !same(head.Op) || head.Request != "" && head.Request != o.request {
		return kept, false, kanban.Errorf(kanban.Conflict, "the operation id %s was already used, for another change or by somebody else", o.id).
			Hint("use a new Idempotency-Key for each change")
	}
	return kept, true, json.Unmarshal(raw, &kept)
}
