package memory

import (
	"cmp"
	"context"
	"crypto/rand"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

var _ store.Boards = (*Boards)(nil)

// Boards keeps a home's boards in memory.
type Boards struct {
	dir   string
	clock func() time.Time

	mu       sync.Mutex
	closed   bool
	boards   map[string]*board
	archived []*board // last one archived last
	current  string
	holds    []store.Hold
}

type board struct {
	info  store.BoardInfo
	store *Store
}

// NewBoards returns a home with the default board. dir is where the boards'
// workspaces and logs stand.
func NewBoards(dir string, clock func() time.Time) *Boards {
	b := &Boards{dir: dir, clock: clock, boards: map[string]*board{}, current: kanban.DefaultBoard}
	b.boards[kanban.DefaultBoard] = b.made(store.BoardInfo{Slug: kanban.DefaultBoard})
	return b
}

func (b *Boards) made(info store.BoardInfo) *board {
	if info.CreatedAt.IsZero() {
		info.CreatedAt = b.clock()
	}
	info.ID, info.CreatedAt, info.Archived = rand.Text(), info.CreatedAt.UTC().Truncate(time.Second), false
	info.Name = cmp.Or(info.Name, info.Slug)
	return &board{info, New()}
}

// existing is called with mu held.
func (b *Boards) existing(name string) (*board, error) {
	slug, err := kanban.Slug(name)
	if err != nil {
		return nil, err
	}
	if b.closed {
		return nil, kanban.Errorf(kanban.Unavailable, "the home was closed")
	}
	if it := b.boards[slug]; it != nil {
		return it, nil
	}
	if _, err := b.lastArchived(slug); err == nil {
		return nil, kanban.Errorf(kanban.NotFound, "board %s is archived", slug).Hint("andon boards restore %s", slug)
	}
	return nil, kanban.Errorf(kanban.NotFound, "there is no board %s", slug).Hint("andon boards list")
}

// List implements store.Boards.
func (b *Boards) List(_ context.Context, archived bool) ([]store.BoardInfo, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all, away []store.BoardInfo
	for _, it := range b.boards {
		all = append(all, it.info)
	}
	slices.SortFunc(all, func(x, y store.BoardInfo) int {
		return cmp.Or(cmp.Compare(rank(x.Slug), rank(y.Slug)), cmp.Compare(x.Slug, y.Slug))
	})
	if archived {
		for _, it := range b.archived {
			it.info.Archived = true
			away = append(away, it.info)
		}
		slices.SortStableFunc(away, func(x, y store.BoardInfo) int { return cmp.Compare(x.Slug, y.Slug) })
	}
	return append(all, away...), nil
}

func rank(slug string) int {
	if slug == kanban.DefaultBoard {
		return 0
	}
	return 1
}

// Info implements store.Boards.
func (b *Boards) Info(_ context.Context, name string) (store.BoardInfo, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	it, err := b.existing(name)
	if err != nil {
		return store.BoardInfo{}, err
	}
	return it.info, nil
}

// Open implements store.Boards.
func (b *Boards) Open(_ context.Context, name string) (store.Store, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	it, err := b.existing(name)
	if err != nil {
		return nil, err
	}
	return it.store, nil
}

// Create implements store.Boards.
func (b *Boards) Create(ctx context.Context, info store.BoardInfo) error {
	info.CreatedAt = time.Time{}
	return b.CreateFilled(ctx, info, store.Hold{}, func(store.Filler) error { return nil })
}

// CreateFilled implements store.Boards.
func (b *Boards) CreateFilled(_ context.Context, info store.BoardInfo, hold store.Hold, fill func(store.Filler) error) error {
	slug, err := kanban.Slug(info.Slug)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.boards[slug] != nil {
		return kanban.Errorf(kanban.Conflict, "board %s exists", slug).Hint("andon boards switch %s", slug)
	}
	info.Slug = slug
	made := b.made(info)
	if err := fill(made.store.present.Load()); err != nil {
		return err
	}
	hold.Scope = "board:" + slug
	held := func(h store.Hold) bool { return h.Scope == hold.Scope && h.Kind == hold.Kind }
	if hold.Kind != "" && !slices.ContainsFunc(b.holds, held) {
		hold.Since, hold.Until = stamp(hold.Since), stamp(hold.Until)
		b.holds = append(b.holds, hold)
	}
	b.boards[slug] = made
	return nil
}

// Save implements store.Boards.
func (b *Boards) Save(_ context.Context, info store.BoardInfo) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	it, err := b.existing(info.Slug)
	if err != nil {
		return err
	}
	it.info.Name = cmp.Or(info.Name, it.info.Slug)
	it.info.Description, it.info.Icon, it.info.Color, it.info.WorkDir = info.Description, info.Icon, info.Color, info.WorkDir
	return nil
}

// Archive implements store.Boards.
func (b *Boards) Archive(_ context.Context, name string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	it, err := b.existing(name)
	if err != nil {
		return err
	}
	slug := it.info.Slug
	if slug == kanban.DefaultBoard {
		return kanban.Errorf(kanban.Invalid, "the default board cannot be archived").Hint("archive its tasks instead")
	}
	it.store.close()
	delete(b.boards, slug)
	b.archived = append(b.archived, it)
	if b.current == slug {
		b.current = kanban.DefaultBoard
	}
	return nil
}

// Restore implements store.Boards. Handles of before stay closed.
func (b *Boards) Restore(_ context.Context, name string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	i, err := b.lastArchived(name)
	if err != nil {
		return err
	}
	it := b.archived[i]
	if b.boards[it.info.Slug] != nil {
		return kanban.Errorf(kanban.Conflict, "there is another board %s", it.info.Slug).Hint("archive that one first")
	}
	reopened := New()
	reopened.present.Store(it.store.present.Load())
	it.store, it.info.Archived = reopened, false
	b.boards[it.info.Slug] = it
	b.archived = slices.Delete(b.archived, i, i+1)
	return nil
}

// Delete implements store.Boards.
func (b *Boards) Delete(_ context.Context, name string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	i, err := b.lastArchived(name)
	if err != nil {
		return err
	}
	b.archived = slices.Delete(b.archived, i, i+1)
	return nil
}

func (b *Boards) lastArchived(name string) (int, error) {
	slug, err := kanban.Slug(name)
	if err != nil {
		return 0, err
	}
	for i, it := range slices.Backward(b.archived) {
		if it.info.Slug == slug {
			return i, nil
		}
	}
	return 0, kanban.Errorf(kanban.NotFound, "no archived board is called %s", slug).Hint("andon boards list --all")
}

// Current implements store.Boards.
func (b *Boards) Current(context.Context) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.current, nil
}

// SetCurrent implements store.Boards.
func (b *Boards) SetCurrent(_ context.Context, name string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	it, err := b.existing(name)
	if err != nil {
		return err
	}
	b.current = it.info.Slug
	return nil
}

// Dir implements store.Boards.
func (b *Boards) Dir(name string) string {
	slug, err := kanban.Slug(name)
	if err != nil {
		return ""
	}
	return filepath.Join(b.dir, slug)
}

// Holds implements store.Boards: oldest first.
func (b *Boards) Holds(context.Context) ([]store.Hold, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := slices.Clone(b.holds)
	slices.SortFunc(all, func(x, y store.Hold) int {
		return cmp.Or(x.Since.Compare(y.Since), cmp.Compare(x.Scope, y.Scope), cmp.Compare(x.Kind, y.Kind))
	})
	return all, nil
}

// PutHold implements store.Boards.
func (b *Boards) PutHold(ctx context.Context, h store.Hold) error {
	if err := b.RemoveHold(ctx, h.Scope, h.Kind); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	h.Since, h.Until = stamp(h.Since), stamp(h.Until)
	b.holds = append(b.holds, h)
	return nil
}

// RemoveHold implements store.Boards.
func (b *Boards) RemoveHold(_ context.Context, scope string, kind store.HoldKind) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.holds = slices.DeleteFunc(b.holds, func(h store.Hold) bool { return h.Scope == scope && h.Kind == kind })
	return nil
}

// Close implements store.Boards.
func (b *Boards) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	for _, it := range b.boards {
		it.store.close()
	}
	return nil
}

// Reopen implements store.Boards: memory is never latched.
func (b *Boards) Reopen(_ context.Context, name string) error {
	if name == "" {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	_, err := b.existing(name)
	return err
}

// Latched implements store.Boards: memory does not fail.
func (b *Boards) Latched() error { return nil }
