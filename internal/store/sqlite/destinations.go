package sqlite

import (
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

const destinationColumns = "id, sink, target, thread, until_ms"

func scanDestination(c *columns) store.Destination {
	return store.Destination{ID: c.int64(), Sink: c.text(), Target: c.text(), Thread: c.text(), Until: c.millis()}
}

func (r reader) Destination(id int64) (store.Destination, error) {
	d, found, err := first(r.c, "SELECT "+destinationColumns+" FROM andon_destinations WHERE id = ?", []any{id}, scanDestination)
	if err == nil && !found {
		err = noDestination(id)
	}
	return d, err
}

func noDestination(id int64) error {
	return kanban.Errorf(kanban.NotFound, "there is no destination %d", id)
}

func (r reader) Destinations() ([]store.Destination, error) {
	return list(r.c, "SELECT "+destinationColumns+" FROM andon_destinations ORDER BY id", nil, scanDestination)
}

func (r reader) DestinationAt(sink, target, thread string) (int64, error) {
	id, _, err := first(r.c, "SELECT id FROM andon_destinations WHERE sink = ? AND target = ? AND thread = ?",
		[]any{sink, target, thread}, (*columns).int64)
	return id, err
}

func (t tx) PutDestination(sink, target, thread string) (int64, error) {
	id, err := t.DestinationAt(sink, target, thread)
	if err != nil || id != 0 {
		return id, err
	}
	err = t.c.exec("INSERT INTO andon_destinations (sink, target, thread) VALUES (?, ?, ?)", sink, target, thread)
	return t.c.lastID(), err
}

func (t tx) HoldDestination(id int64, until time.Time) error {
	err := t.c.exec("UPDATE andon_destinations SET until_ms = ? WHERE id = ?", millis(until), id)
	if err == nil && t.c.changes() == 0 {
		return noDestination(id)
	}
	return err
}

const (
	rootPost  = "SELECT ref FROM andon_posts WHERE task = ?1 AND destination = ?2 ORDER BY id LIMIT 1"
	priorPost = "SELECT ref FROM andon_posts WHERE task = ?1 AND destination = ?2 ORDER BY id DESC LIMIT 1"

	posted = `SELECT p.destination, p.task, p.ref, p.at_ms, max(p.id)
		FROM andon_destinations d JOIN andon_posts p ON p.destination = d.id AND p.ref = ?2
		WHERE d.sink = ?1`
)

func (r reader) Posts(destination int64, task string) (root, prior string, err error) {
	if root, _, err = first(r.c, rootPost, []any{task, destination}, (*columns).text); err != nil || root == "" {
		return root, "", err
	}
	prior, _, err = first(r.c, priorPost, []any{task, destination}, (*columns).text)
	return root, prior, err
}

func (r reader) Posted(sink, ref string) (store.Post, error) {
	post, _, err := first(r.c, posted, []any{sink, ref}, scanPost)
	return post, err
}

const postColumns = "destination, task, ref, at_ms"

func scanPost(c *columns) store.Post {
	return store.Post{Destination: c.int64(), Task: c.text(), Ref: c.text(), At: c.millis()}
}

// PutPost puts a ref that stood for another task behind its own.
func (t tx) PutPost(p store.Post) error {
	err := t.c.exec("UPDATE andon_posts SET at_ms = ?4 WHERE destination = ?1 AND task = ?2 AND ref = ?3", p.Destination, p.Task, p.Ref, millis(p.At))
	if err != nil || t.c.changes() > 0 {
		return err
	}
	return t.c.exec("INSERT OR REPLACE INTO andon_posts ("+postColumns+") VALUES (?, ?, ?, ?)", p.Destination, p.Task, p.Ref, millis(p.At))
}
