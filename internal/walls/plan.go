package walls

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
)

// Mode is what walls are made of.
type Mode string

// The modes. Auto is a wish, which Choose turns into one of the others.
const (
	Off      Mode = "off"
	Auto     Mode = "auto"
	Bwrap    Mode = "bwrap"
	Landlock Mode = "landlock"
)

// Network is what of it a confined process has.
type Network string

// The networks. The gateway's socket is reached with each.
const (
	NetworkOn      Network = "on"
	NetworkOff     Network = "off"
	NetworkProxied Network = "proxied" // its own, whose only way out is what its supervisor serves at Outlet; Bwrap only
)

// Outlet is where a proxied process finds its proxy. Nothing else is there in its
// network, so that the port is free.
const Outlet = "127.0.0.1:3128"

// Plan is what a confined process can reach, all paths absolute. It reads and
// runs what the system is made of (System) in any case.
type Plan struct {
	Mode    Mode     `json:"mode"`
	Program string   `json:"program"` // this program as the confined process sees it
	Bwrap   string   `json:"bwrap,omitempty"`
	Read    []string `json:"read,omitempty"`
	Write   []string `json:"write,omitempty"`
	Keep    []string `json:"keep,omitempty"`  // within Write, but not to be written; Bwrap only
	Hide    []string `json:"hide,omitempty"`  // within what may be reached, but not to be seen
	Shown   []Shown  `json:"shown,omitempty"` // under another name; Bwrap only
	Network Network  `json:"network"`
	Dir     string   `json:"dir"` // the working directory

	// What paths led to when the plan was made: nothing is run if one leads
	// elsewhere behind the walls.
	Places map[string]Place `json:"places,omitempty"`
}

// Place is a file or folder, whatever its name.
type Place struct {
	Device uint64 `json:"device"`
	Inode  uint64 `json:"inode"`
}

// Shown is a file or folder that is seen under another name.
type Shown struct {
	From, At string
	Write    bool
}

// Check tells whether a plan can be kept as it stands.
//
// Errors: unavailable if its mode cannot hide what it is to hide.
func (p Plan) Check() error {
	if p.Mode != Landlock {
		return nil
	}
	for _, hidden := range p.Hide {
		for _, open := range slices.Concat(p.Read, p.Write) {
			if Within(hidden, open) {
				return kanban.Errorf(kanban.Unavailable, "landlock cannot hide %s within %s", hidden, open).
					Hint("list the folders below it instead, work elsewhere, or use sandbox: bwrap")
			}
		}
	}
	return nil
}

// Within reports whether path is dir, or lies below it.
func Within(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/")
}

// Reaches reports whether a confined process sees a path, which must be
// without links.
func (p Plan) Reaches(path string) bool {
	longest, hidden := "", false
	consider := func(dir string, hides bool) {
		if Within(path, dir) && len(dir) >= len(longest) {
			longest, hidden = dir, hides
		}
	}
	for _, dir := range slices.Concat(System(), p.Read, p.Write) {
		consider(dir, false)
	}
	for _, dir := range p.Hide {
		consider(dir, true)
	}
	for _, s := range p.Shown {
		consider(s.At, s.Write) // what is shown there to be written to is empty
	}
	return longest != "" && !hidden
}

// confineVerb is the hidden command that Confine is the body of.
const confineVerb = "confine"

// Wrap returns the command line that runs argv behind the walls. status is the
// descriptor that Confine reports on, 0 for none.
func (p Plan) Wrap(argv []string, status int) ([]string, error) {
	inner, err := json.Marshal(confinement{Plan: p.within(), Status: status})
	if err != nil {
		return nil, err
	}
	confined := slices.Concat([]string{p.Program, confineVerb, string(inner), "--"}, argv)
	if p.Mode == Bwrap {
		confined = slices.Concat([]string{p.Bwrap}, p.arguments(), []string{"--"}, confined)
	}
	return confined, nil
}

// within is what is left to be done once bubblewrap has done its part.
func (p Plan) within() Plan {
	if p.Mode == Bwrap {
		return Plan{Mode: Bwrap, Network: p.Network, Dir: p.Dir, Places: p.Places}
	}
	return p
}

// isolation are the namespaces. Capabilities would let the first user, who is
// root in his own namespace, take the mounts apart again.
var isolation = []string{
	"--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--cap-drop", "ALL", "--die-with-parent",
}

// arguments are bubblewrap's. What lies deeper is mounted later, over what it
// lies in.
func (p Plan) arguments() []string {
	args := slices.Clone(isolation)
	if p.Network != NetworkOn {
		args = append(args, "--unshare-net")
	}
	type mount struct {
		at   string
		args []string
	}
	mounts := []mount{
		{"/proc", []string{"--proc", "/proc"}},
		{"/dev", []string{"--dev", "/dev"}},
		{"/run", []string{"--tmpfs", "/run"}},
		{"/var/tmp", []string{"--tmpfs", "/var/tmp"}},
	}
	add := func(how, from, at string) { mounts = append(mounts, mount{at, []string{how, from, at}}) }
	for _, dir := range System() {
		add("--ro-bind", dir, dir)
	}
	for _, link := range systemLinks() {
		mounts = append(mounts, mount{link.name, []string{"--symlink", link.target, link.name}})
	}
	for _, path := range p.Hide {
		mounts = append(mounts, mount{path, []string{"--tmpfs", path}})
	}
	for _, path := range p.Read {
		add("--ro-bind", path, path)
	}
	for _, path := range p.Write {
		add("--bind", path, path)
	}
	for _, s := range p.Shown {
		how := "--ro-bind"
		if s.Write {
			how = "--bind"
		}
		add(how, s.From, s.At)
	}
	for _, path := range p.Keep {
		add("--ro-bind", path, path)
	}
	slices.SortStableFunc(mounts, func(a, b mount) int { return strings.Compare(filepath.Clean(a.at), filepath.Clean(b.at)) })
	for _, m := range mounts {
		args = append(args, m.args...)
	}
	return append(args, "--chdir", p.Dir)
}
