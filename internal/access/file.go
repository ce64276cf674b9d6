package access

import (
	"errors"
	"path/filepath"
	"time"

	"github.com/andon-dev/andon/internal/jsonfile"
	"github.com/andon-dev/andon/internal/kanban"
)

// content is what the file holds.
type content struct {
	Listen      string       `json:"listen,omitempty"` // where the dashboard was opened, if andon.yaml says nothing
	Credentials []Credential `json:"credentials"`
	Links       []link       `json:"links,omitempty"`
}

// link begins one session.
type link struct {
	Hash    string       `json:"hash"`
	Name    string       `json:"name"`
	Scope   kanban.Scope `json:"scope"`
	Board   string       `json:"board,omitempty"`
	Expires time.Time    `json:"expires"`
}

// read returns what the file holds now. Whoever gets it must not change it.
func (k *Keeper) read() (*content, error) {
	c, err := k.file.Read()
	if err != nil {
		return nil, k.unreadable(err)
	}
	return c, nil
}

func (k *Keeper) unreadable(err error) error {
	return kanban.Errorf(kanban.Unavailable, "who may come in cannot be read: %w", err).
		Hint("the unix socket still works; mv %s aside  revokes all tokens and sessions", k.file.Path())
}

// change replaces the file. What has ended on its own is dropped on the way.
func (k *Keeper) change(do func(*content) error) error {
	var refused error
	err := k.file.Change(func(c *content) error {
		if refused = do(c); refused != nil {
			return refused
		}
		c.prune(k.clock())
		return nil
	})
	var unwritten jsonfile.WriteError
	switch {
	case err == nil || refused != nil:
		return err
	case errors.As(err, &unwritten):
		return kanban.Errorf(kanban.Unavailable, "who may come in cannot be written: %w", err).
			Hint("nothing was changed; check %s", filepath.Dir(k.file.Path()))
	}
	return k.unreadable(err)
}
