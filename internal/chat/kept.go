package chat

import (
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"time"

	"github.com/andon-dev/andon/internal/jsonfile"
)

const (
	keptFor  = 24 * time.Hour // as long as a platform keeps what it could not hand over
	maxDone  = 200            // ids of messages that are known to be done
	maxTries = 3              // starts of the gateway that a message may have been the end of
)

// kept are the messages of a connection that were heard and are not done yet. They
// stand in a file before the platform learns that they arrived, so they outlive
// the gateway; changes carry the message's key, so doing one again does no more.
type kept struct {
	file  *jsonfile.File[backlog]
	clock func() time.Time
	log   *slog.Logger
}

type backlog struct {
	Messages []keptMessage `json:"messages,omitempty"` // in the order of their coming
	Done     []string      `json:"done,omitempty"`     // ids of the last ones that are done, oldest first
}

// strike remembers that a message is done, whenever it may come again.
func (b *backlog) strike(id string) {
	b.Done = append(b.Done, id)
	b.Done = b.Done[max(0, len(b.Done)-maxDone):]
}

type keptMessage struct {
	Incoming Incoming  `json:"incoming"`
	At       time.Time `json:"at"`
	Tries    int       `json:"tries,omitempty"` // gateways that ended before it was done
}

func newKept(dir, sink string, clock func() time.Time, log *slog.Logger) kept {
	return kept{jsonfile.New[backlog](filepath.Join(dir, sink+".json")), clock, log}
}

func (k kept) read() (b *backlog, err error) {
	return b, k.whole(func() error {
		b, err = k.file.Read()
		return err
	})
}

func (k kept) change(do func(*backlog) error) error {
	return k.whole(func() error { return k.file.Change(do) })
}

// whole does something with the file. If that is damaged it is moved aside, so that
// only what it held is lost.
func (k kept) whole(do func() error) error {
	err := do()
	if _, damaged := errors.AsType[jsonfile.DamagedError](err); !damaged {
		return err
	}
	to, left := k.file.SetAside()
	if left != nil {
		return errors.Join(err, left)
	}
	if to != "" {
		k.log.Error("what was said in a chat before cannot be read; it is set aside", "file", to, "error", err)
	}
	return do()
}

// add writes a message down. It returns when that is durable.
func (k kept) add(in Incoming) error {
	return k.change(func(b *backlog) error {
		b.Messages = append(b.Messages, keptMessage{Incoming: in, At: k.clock()})
		return nil
	})
}

// done strikes a message off.
func (k kept) done(id string) error {
	return k.change(func(b *backlog) error {
		b.Messages = slices.DeleteFunc(b.Messages, func(m keptMessage) bool { return m.Incoming.ID == id })
		b.strike(id)
		return nil
	})
}

// begin is called once by each gateway. It counts one more try of what an earlier
// one may have left half done, and returns those that are not tried again, and the ids of
// those that are done.
func (k kept) begin() (lost []Incoming, done []string, err error) {
	b, err := k.read()
	if err != nil {
		return nil, nil, err
	}
	if len(b.Messages) == 0 {
		return nil, b.Done, nil
	}
	err = k.change(func(b *backlog) error {
		b.Messages = slices.DeleteFunc(b.Messages, func(m keptMessage) bool {
			over := m.Tries >= maxTries || k.clock().Sub(m.At) >= keptFor
			if over {
				lost = append(lost, m.Incoming)
				b.strike(m.Incoming.ID)
			}
			return over
		})
		begun := map[string]bool{} // of a chat only the first can have been
		for i := range b.Messages {
			if m := &b.Messages[i]; !begun[m.Incoming.Place.Chat] {
				begun[m.Incoming.Place.Chat] = true
				m.Tries++
			}
		}
		done = b.Done
		return nil
	})
	return lost, done, err
}

// all are the messages that are not done. The moment in which a platform lets a
// field be opened is over for them.
func (k kept) all() ([]Incoming, error) {
	b, err := k.read()
	if err != nil {
		return nil, err
	}
	var all []Incoming
	for _, m := range b.Messages {
		m.Incoming.Field = ""
		all = append(all, m.Incoming)
	}
	return all, nil
}
