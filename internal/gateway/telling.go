package gateway

import (
	"context"
	"io"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/notify"
	"github.com/andon-dev/andon/internal/store"
)

// digest is how many messages for a sink have to wait to become one.
func (g *gateway) digest(sink string) int { return g.config.Load().Notify.Sinks[sink].Digest }

// link is where people find a task in the dashboard; "" if they cannot reach it.
func (g *gateway) link(board, task string) string {
	base := g.config.Load().Notify.Link
	if base == "" {
		base = g.door.outside()
	}
	if base == "" {
		return ""
	}
	return strings.TrimSuffix(base, "/") + "/b/" + url.PathEscape(board) + "/t/" + url.PathEscape(task)
}

// outside is how browsers of other machines reach the door; "" if they do not.
func (d *door) outside() string {
	address, _ := d.state()
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	host := u.Hostname()
	if ip, err := netip.ParseAddr(host); host == "localhost" || err == nil && ip.IsLoopback() {
		return ""
	}
	return address
}

const filesTime = 5 * time.Second

// handsIn are the kinds of event with which a run hands its artifacts in.
var handsIn = []kanban.EventKind{kanban.EvCompleted, kanban.EvReview, kanban.EvBlocked}

// files are the artifacts that the run of an event declared. A board that cannot
// be read does not hold a message up: it goes without.
func (g *gateway) files(slug string, e notify.Event, task string) []notify.File {
	if !slices.Contains(handsIn, e.Kind) {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), filesTime)
	defer cancel()
	var kept []kanban.Artifact
	b, err := g.boards.Board(ctx, slug)
	if err == nil {
		kept, err = store.View(ctx, b.Store(), func(r store.Reader) ([]kanban.Artifact, error) { return r.Artifacts(task) })
	}
	if err != nil {
		g.Log.Warn("a message goes without its files", "board", slug, "task", task, "error", err)
		return nil
	}
	var files []notify.File
	for _, a := range kept {
		if a.Run != e.Run {
			continue
		}
		files = append(files, notify.File{
			Name: filepath.Base(a.Path), Type: a.Type, Size: a.Size,
			Open: func(context.Context) (io.ReadCloser, error) {
				content, _, err := g.artifacts.Open(a.SHA256)
				return content, err
			},
		})
	}
	return files
}
