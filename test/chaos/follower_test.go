//go:build linux

package chaos

import (
	"context"
	"fmt"
	"iter"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"github.com/andon-dev/andon/client"
)

// followers are the ways to hear of a board, each with the program that uses it.
// A way yields the ids of the events after one.
var followers = map[string]func(ctx context.Context, api *client.Client, after int64) iter.Seq2[int64, error]{
	"poller": polled,
	"viewer": streamed,
}

func polled(ctx context.Context, api *client.Client, after int64) iter.Seq2[int64, error] {
	return func(yield func(int64, error) bool) {
		for e, err := range api.FollowEvents(ctx, board, client.EventQuery{After: after}) {
			if !yield(e.ID, err) {
				return
			}
		}
	}
}

// streamed is what a dashboard does. A frame that tells to load the page anew
// would be one event too many.
func streamed(ctx context.Context, api *client.Client, after int64) iter.Seq2[int64, error] {
	return func(yield func(int64, error) bool) {
		for f, err := range api.Stream(ctx, board, client.StreamQuery{After: after}) {
			if (err != nil || f.ID != 0) && !yield(f.ID, err) {
				return
			}
		}
	}
}

// runFollower writes down the id of each event as it comes, until SIGTERM. It
// goes on from the last line, as a stream does that reconnects (G21).
func runFollower(way, socket, path string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	seen, err := followed(path)
	if err != nil {
		return err
	}
	var last int64
	if len(seen) > 0 {
		last = seen[len(seen)-1]
	}
	out, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	api, err := client.Dial("unix:"+socket, client.Options{})
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		for id, err := range followers[way](ctx, api, last) {
			if err != nil {
				wait(pace) // the gateway is away
				break
			}
			if _, err := fmt.Fprintln(out, id); err != nil {
				return err
			}
			last = id
		}
	}
	return nil
}

// followed reads what a follower wrote.
func followed(path string) ([]int64, error) {
	text, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	var ids []int64
	for _, word := range strings.Fields(string(text)) {
		id, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}
