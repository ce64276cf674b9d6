package sqlite

import (
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

var _ store.Filler = filler{}

// filler writes rows with the ids that they have.
type filler struct{ tx }

// fillIn puts rows on a board that nobody has open, as one transaction.
func fillIn(c *conn, fill func(store.Filler) error) error {
	if err := c.begin(); err != nil {
		return err
	}
	defer c.abort()
	if err := fill(filler{tx{reader{c: c}}}); err != nil {
		return err
	}
	return c.commit()
}

// put inserts a row; nothing of it is done if its id is taken.
func (f filler) put(what string, id any, sql string, args ...any) error {
	err := f.c.exec(sql+" ON CONFLICT DO NOTHING", args...)
	if err == nil && f.c.changes() == 0 {
		return conflict("%s %v is there already", what, id)
	}
	return err
}

func (f filler) PutTask(t kanban.Task) error {
	err := f.put("task", t.ID, "INSERT INTO tasks ("+taskFields+", id, andon_version) VALUES ("+marks(taskFields)+", ?, ?)",
		append(taskValues(t), t.ID, t.Version)...)
	if err != nil {
		return err
	}
	return f.putLabels(t)
}

func (f filler) PutRun(r kanban.Run) error {
	return f.put("run", r.ID, "INSERT INTO task_runs ("+runFields+", id) VALUES ("+marks(runFields)+", ?)", append(runValues(r), r.ID)...)
}

func (f filler) PutComment(c kanban.Comment) error {
	return f.put("comment", c.ID, "INSERT INTO task_comments ("+commentColumns+") VALUES (?, ?, ?, ?, ?, ?)",
		c.ID, c.Task, c.Author, c.Body, millis(c.At)/1000, millis(c.At))
}

func (f filler) PutEvent(e kanban.Event) error {
	payload, err := eventPayload(e)
	if err != nil {
		return err
	}
	ours := millis(e.At)
	if e.Foreign {
		ours = 0
	}
	return f.put("event", e.ID, "INSERT INTO task_events ("+eventColumns+") VALUES (?, ?, ?, ?, ?, ?, ?)",
		e.ID, e.Task, number(e.Run), string(e.Kind), payload, millis(e.At)/1000, ours)
}

func (f filler) PutOldDestination(d store.Destination) error {
	return f.put("destination", d.ID, "INSERT INTO andon_destinations ("+destinationColumns+") VALUES (?, ?, ?, ?, ?)",
		d.ID, d.Sink, d.Target, d.Thread, millis(d.Until))
}

func (f filler) PutOldSubscription(s store.Subscription) error {
	return f.put("subscription", s.ID, "INSERT INTO andon_subscriptions ("+subscriptionFields+", id) VALUES ("+marks(subscriptionFields)+", ?)",
		append(subscriptionValues(s), s.ID)...)
}

func (f filler) PutDelivery(d store.Delivery) error {
	return f.put("delivery", d.ID, "INSERT INTO andon_outbox ("+deliveryFields+", id) VALUES ("+marks(deliveryFields)+", ?)",
		append(deliveryValues(d), d.ID)...)
}

func (f filler) Reserve(ids store.LastIDs) error {
	for table, last := range counters(&ids) {
		if err := f.c.exec("UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1", table, *last); err != nil {
			return err
		}
		if f.c.changes() == 1 || *last == 0 {
			continue
		}
		if err := f.c.exec("INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)", table, *last); err != nil {
			return err
		}
	}
	return nil
}
