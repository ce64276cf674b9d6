package sqlite

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// boardFile is a board.json: the reference's keys, ours, and whatever else
// stands there, which is kept.
type boardFile struct {
	Name        string  `json:"name"`
	Description string  `json:"description"`
	Icon        string  `json:"icon"`
	Color       string  `json:"color"`
	WorkDir     *string `json:"default_workdir"`
	CreatedAt   *int64  `json:"created_at"` // seconds
	Archived    bool    `json:"archived"`
	Slug        string  `json:"slug"`
	ID          string  `json:"andon_id,omitempty"`
	Restores    int64   `json:"andon_restores,omitempty"` // how often a backup took the board's place

	rest map[string]json.RawMessage
}

// readBoardFile reads a board.json; a missing one is empty. One that cannot be
// read is an error, since it may hold the board's id.
func readBoardFile(path string) (f boardFile, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return f, nil
	}
	if err == nil {
		err = errors.Join(json.Unmarshal(text, &f), json.Unmarshal(text, &f.rest))
	}
	if err != nil {
		return boardFile{}, kanban.Errorf(kanban.Unavailable, "%s cannot be read: %w", path, err).
			Hint("repair it; if it is beyond repair, remove it")
	}
	return f, nil
}

// encode returns the file's text, keys that we do not know included.
func (f boardFile) encode() ([]byte, error) {
	known, err := marshal(f, "")
	if err != nil {
		return nil, err
	}
	all := maps.Clone(f.rest)
	if err := json.Unmarshal(known, &all); err != nil {
		return nil, err
	}
	return marshal(all, "  ")
}

// write replaces the file.
func (f boardFile) write(path string) error {
	text, err := f.encode()
	if err != nil {
		return err
	}
	if err := writeFile(path, text); err != nil {
		return kanban.Errorf(kanban.Unavailable, "cannot write %s: %w", path, err).Hint("check owner, mode and free space of the folder")
	}
	return nil
}

// marshal writes JSON as the reference does: a line break at the end, and every
// character as itself.
func marshal(v any, indent string) ([]byte, error) {
	var text bytes.Buffer
	out := json.NewEncoder(&text)
	out.SetEscapeHTML(false)
	out.SetIndent("", indent)
	err := out.Encode(v)
	return text.Bytes(), err
}

// info describes the board of a slug by its file.
func (f boardFile) info(slug string) store.BoardInfo {
	b := store.BoardInfo{
		Slug: slug, ID: f.ID, Name: f.Name, Description: f.Description,
		Icon: f.Icon, Color: f.Color, Archived: f.Archived,
	}
	if strings.TrimSpace(b.Name) == "" {
		b.Name = defaultName(slug)
	}
	if f.WorkDir != nil {
		b.WorkDir = *f.WorkDir
	}
	if f.CreatedAt != nil {
		b.CreatedAt = time.Unix(*f.CreatedAt, 0).UTC()
	}
	return b
}

// describe takes over what Save may change.
func (f *boardFile) describe(b store.BoardInfo, now time.Time) {
	f.Slug = b.Slug
	f.Name, f.Description, f.Icon, f.Color = b.Name, b.Description, b.Icon, b.Color
	if strings.TrimSpace(f.Name) == "" {
		f.Name = defaultName(b.Slug)
	}
	f.WorkDir = nil
	if b.WorkDir != "" {
		f.WorkDir = &b.WorkDir
	}
	f.stamp(now)
}

// stamp sets the time of creation on the first write.
func (f *boardFile) stamp(now time.Time) {
	if f.CreatedAt == nil {
		seconds := now.Unix()
		f.CreatedAt = &seconds
	}
}

// defaultName is what the reference calls a board without a name: its slug with
// the words capitalised.
func defaultName(slug string) string {
	words := strings.Split(strings.ReplaceAll(slug, "_", "-"), "-")
	for i, w := range words {
		if w != "" {
			words[i] = fmt.Sprintf("%s%s", strings.ToUpper(w[:1]), w[1:])
		}
	}
	return strings.Join(words, " ")
}
