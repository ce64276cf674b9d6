//go:build linux

package chaos

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"github.com/andon-dev/andon/client"
)

// runFollower writes down the id of each event as it comes, until SIGTERM. It
// goes on from the last line, as a stream does that reconnects (G21).
func runFollower(socket, path string) error {
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
		for e, err := range api.FollowEvents(ctx, board, client.EventQuery{After: last}) {
			if err != nil {
				wait(pace) // the gateway is away
				break
			}
			if _, err := fmt.Fprintln(out, e.ID); err != nil {
				return err
			}
			last = e.ID
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
