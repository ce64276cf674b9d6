package simulate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/andon-dev/andon/internal/dispatch"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker"
	"github.com/andon-dev/andon/internal/workspace"
)

// machine is the process table and the disk of a night.
type machine struct {
	boot        string
	boots, pids int
	all         []*supervisor // in order of pid
	supervisors map[worker.Identity]*supervisor
	byDir       map[string]*supervisor // that was told last to work there
	full        atomic.Bool            // the disk

	mu      sync.Mutex
	folders map[string]*folder
}

func newMachine() *machine {
	return &machine{boot: "boot 1", boots: 1, supervisors: map[worker.Identity]*supervisor{}, byDir: map[string]*supervisor{}, folders: map[string]*folder{}}
}

// of is the supervisor that was told to work in a folder since the machine
// started.
func (m *machine) of(dir string) *supervisor {
	if s := m.byDir[dir]; s != nil && s.id.Boot == m.boot {
		return s
	}
	return nil
}

// host is the machine as one gateway sees it.
type host struct {
	n *night
	g *gateway
}

var _ dispatch.Host = (*host)(nil)

func (h *host) gate(who, what string, befalls func() error) error {
	return h.n.gate(&caller{who: who, what: what, host: h.g, befalls: befalls})
}

func (h *host) Take(ctx context.Context) (dispatch.Spare, error) {
	fails := func() error { return h.n.fault(h.n.odds.spawn, "fork: resource temporarily unavailable") }
	if err := h.gate(whoIs(ctx), "takes a supervisor", fails); err != nil {
		return nil, err
	}
	m := h.n.machine
	m.pids++
	s := &supervisor{n: h.n, id: worker.Identity{Boot: m.boot, PID: 1000 + m.pids, Start: uint64(m.pids)}, alive: true, spareOf: h.g}
	m.supervisors[s.id], m.all = s, append(m.all, s)
	return &spare{h, s}, nil
}

type spare struct {
	*host
	s *supervisor
}

func (s *spare) Identity() worker.Identity { return s.s.id }

func (s *spare) Start(o worker.Order) (dispatch.Handle, error) {
	fails := func() error { return s.n.fault(s.n.odds.spawn, "the order cannot be written: broken pipe") }
	if err := s.gate(whoRuns(o.RunDir), "gives the order", fails); err != nil {
		return nil, err
	}
	if !s.s.alive {
		return nil, errors.New("the order cannot be written: broken pipe")
	}
	s.s.dir, s.s.order, s.s.spareOf = o.RunDir, o, nil
	s.n.machine.byDir[o.RunDir] = s.s
	s.n.after(s.n.between(0, 40*time.Millisecond), s.s.name()+" begins", s.s.begin)
	return s.handle(s.s, true), nil
}

func (s *spare) Discard() {
	if !s.g.gone() && s.s.spareOf != nil {
		s.s.alive, s.s.spareOf = false, nil
	}
}

func (h *host) Adopt(dir string, id worker.Identity) (dispatch.Handle, error) {
	if err := h.gate(whoRuns(dir), "adopts", nil); err != nil {
		return nil, err
	}
	s := h.n.machine.supervisors[id]
	if s == nil || !s.alive || id.Boot != h.n.machine.boot {
		return nil, fmt.Errorf("process %d: %w", id.PID, worker.ErrGone)
	}
	return h.handle(s, false), nil
}

func (h *host) Follow(string) (dispatch.Feed, error) {
	return nil, errors.New("nothing is streamed here")
}

func (h *host) handle(s *supervisor, fresh bool) *handle {
	x := &handle{host: h, s: s, done: make(chan struct{})}
	if fresh {
		x.started = make(chan struct{})
	}
	s.handles = append(s.handles, x)
	return x
}

// handle is closed by letters, so its watcher never learns two things at once.
type handle struct {
	*host
	s             *supervisor
	started, done chan struct{}
	closed        bool
}

func (x *handle) Started() <-chan struct{} { return x.started }
func (x *handle) Done() <-chan struct{}    { return x.done }
func (x *handle) Close()                   { x.closed = true }
func (x *handle) Finish() error            { return x.tell("finish", x.s.finish) }
func (x *handle) Stop() error              { return x.tell("stop", x.s.stop) }
func (x *handle) Kill() error              { return x.tell("kill", x.s.kill) }

func (x *handle) tell(what string, do func()) error {
	if err := x.gate(whoRuns(x.s.dir), "tells "+x.s.name()+" to "+what, nil); err != nil {
		return err
	}
	if !x.s.alive {
		return worker.ErrGone
	}
	do()
	return nil
}

func (h *host) KillTree(ctx context.Context, dir string, grace time.Duration) error {
	fails := func() error { return h.n.fault(h.n.odds.disk, "the process table cannot be read") }
	if err := h.gate(whoRuns(dir), "clears what is left", fails); err != nil {
		return err
	}
	s := h.n.machine.of(dir)
	if s == nil {
		return nil
	}
	if s.alive {
		return errors.New("its supervisor lives: stop it instead")
	}
	gone := make(chan struct{})
	h.n.after(h.n.between(0, grace+time.Second), s.name()+" is cleared", func() { h.clear(s, gone) })
	select {
	case <-gone:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// clear kills, again and again, what may be deaf to it for a while.
func (h *host) clear(s *supervisor, gone chan struct{}) {
	if h.g.gone() {
		return
	}
	if s.tree(func(p *process) bool { return !p.deafUntil.After(time.Now()) }); len(s.living()) > 0 {
		h.n.after(h.n.between(time.Second, 2*time.Second), s.name()+" is cleared on", func() { h.clear(s, gone) })
		return
	}
	close(gone)
}

func (h *host) Boot() (string, error)                      { return h.n.machine.boot, nil }
func (h *host) MayLive(int, time.Time) bool                { return true }
func (h *host) Workspaces(slug string) dispatch.Workspaces { return &workspaces{h, slug} }

func (h *host) Free() (uint64, error) {
	if h.n.machine.full.Load() {
		return 0, nil
	}
	return 1 << 40, nil
}

func (h *host) RunDirs(slug string) []string {
	m := h.n.machine
	m.mu.Lock()
	defer m.mu.Unlock()
	var dirs []string
	for dir := range m.folders {
		if strings.HasPrefix(path.Base(dir), slug+".") {
			dirs = append(dirs, dir)
		}
	}
	slices.Sort(dirs)
	return dirs
}

// whoRuns names the watcher of the run in a folder, or of the one verified there.
func whoRuns(dir string) string {
	return "run " + strings.TrimSuffix(path.Base(dir), dispatch.VerifySuffix)
}

type workspaces struct {
	*host
	slug string
}

func (w *workspaces) Where(s workspace.Spec) (dir, branch string) {
	return "/nowhere/" + w.slug + "/" + s.Task, ""
}

func (w *workspaces) Prepare(ctx context.Context, s workspace.Spec) (workspace.Place, error) {
	fails := func() error { return w.n.diskFault("mkdir") }
	if err := w.gate(whoIs(ctx), "prepares the workspace", fails); err != nil {
		return workspace.Place{}, err
	}
	dir, _ := w.Where(s)
	return workspace.Place{Path: dir}, nil
}

func (w *workspaces) Snapshot(ctx context.Context, _, task string, run, _ int64) (workspace.Snapshot, error) {
	fails := func() error { return w.n.diskFault("snapshot") }
	if err := w.gate(whoIs(ctx), "keeps the work", fails); err != nil {
		return workspace.Snapshot{}, err
	}
	return workspace.Snapshot{Ref: "refs/andon/" + task + "/" + strconv.FormatInt(run, 10)}, nil
}

func (w *workspaces) Refs(context.Context, string, string) (string, error) { return "", nil }

func (w *workspaces) Moved(context.Context, string, string, string) ([]string, error) {
	return nil, nil
}

func (w *workspaces) Reach(context.Context, string, string, bool) (workspace.Reach, error) {
	return workspace.Reach{}, nil
}

// folder is what stands in a run's folder.
type folder struct {
	files   map[string][]byte
	begun   bool
	started *worker.Started
	exit    *worker.Exit
	said    int64
	saidAt  time.Time
}

// at is the way of one gateway to a folder.
type at struct {
	*host
	dir string
}

func (h *host) Folder(dir string) dispatch.Folder { return &at{h, dir} }

func (a *at) Remove(string) error { return nil }

func (a *at) Make() error {
	if err := a.gate(whoRuns(a.dir), "makes its folder", func() error { return a.n.diskFault("mkdir") }); err != nil {
		return err
	}
	if s := a.n.machine.of(a.dir); s != nil && s.alive && s.begun {
		return kanban.Errorf(kanban.Conflict, "%s is in use by another run", a.dir)
	}
	a.n.machine.mu.Lock()
	defer a.n.machine.mu.Unlock()
	a.n.machine.folders[a.dir] = &folder{files: map[string][]byte{}}
	return nil
}

func (a *at) Write(name string, content []byte) error {
	if err := a.gate(whoRuns(a.dir), "writes "+name, func() error { return a.n.diskFault("write") }); err != nil {
		return err
	}
	a.n.machine.mu.Lock()
	defer a.n.machine.mu.Unlock()
	f := a.n.machine.folders[a.dir]
	if f == nil {
		return fs.ErrNotExist
	}
	f.files[name] = bytes.Clone(content)
	return nil
}

// see looks at the folder, which may not be there.
func (a *at) see(look func(*folder)) {
	a.n.machine.mu.Lock()
	defer a.n.machine.mu.Unlock()
	if f := a.n.machine.folders[a.dir]; f != nil {
		look(f)
	}
}

func (a *at) Read(name string, _ int64) (content []byte, err error) {
	err = fs.ErrNotExist
	a.see(func(f *folder) {
		if raw, there := f.files[name]; there {
			content, err = raw, nil
		}
	})
	return content, err
}

func (a *at) Output() (size int64, when time.Time) {
	a.see(func(f *folder) { size, when = f.said, f.saidAt })
	return size, when
}

func (a *at) Tail(int64) []byte { return nil }

func (a *at) Lives() (bool, error) {
	s := a.n.machine.of(a.dir)
	return s != nil && (s.alive && s.begun || len(s.living()) > 0), nil
}

func (a *at) Begun() (begun bool, err error) {
	a.see(func(f *folder) { begun = f.begun })
	return begun, nil
}

func (a *at) Started() (out worker.Started, err error) {
	err = fs.ErrNotExist
	a.see(func(f *folder) {
		if f.started != nil {
			out, err = *f.started, nil
		}
	})
	return out, err
}

func (a *at) Exit() (out worker.Exit, err error) {
	err = fs.ErrNotExist
	a.see(func(f *folder) {
		if f.exit != nil {
			out, err = *f.exit, nil
		}
	})
	return out, err
}

// enospc is what a full disk says.
var enospc = syscall.ENOSPC
