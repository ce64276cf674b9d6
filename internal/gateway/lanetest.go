package gateway

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/dispatch"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/proxy"
	"github.com/andon-dev/andon/internal/worker"
	"github.com/andon-dev/andon/internal/worker/preset"
)

// testLanes looks whether the workers of lanes could start: with the environment
// that this very process would give them, without starting one and without the
// network. source is where tasks take their worktrees from, "" if nowhere.
//
// Errors: not_found if a lane is not configured.
func (a *app) testLanes(ctx context.Context, names []string, source string) ([]client.LaneTest, error) {
	c := a.config.Load()
	known := make([]string, 0, len(c.Lanes))
	for name := range c.Lanes {
		known = append(known, name)
	}
	slices.Sort(known)
	if len(names) == 0 {
		names = known
	}
	tests := []client.LaneTest{}
	for _, name := range names {
		lane, ok := c.Lanes[name]
		if !ok {
			e := kanban.Errorf(kanban.NotFound, "there is no lane %s", name)
			if near := kanban.Nearest(name, known); near != "" {
				return nil, e.Hint("did you mean %s?", near)
			}
			return nil, e.Hint("andon lanes  lists them, andon lanes add  makes one")
		}
		tests = append(tests, newLaneTest(lane, os.Environ(), a.paths).run(ctx, source))
	}
	return tests, nil
}

// laneTest looks at one lane.
type laneTest struct {
	lane   config.Lane
	paths  config.Paths
	preset preset.Preset
	agent  bool              // it has a preset of an agent
	env    map[string]string // of its workers
	out    client.LaneTest
}

func newLaneTest(l config.Lane, parent []string, p config.Paths) *laneTest {
	t := &laneTest{lane: l, paths: p, env: map[string]string{}, out: client.LaneTest{Lane: l.Name, Preset: l.Preset}}
	named, driven := preset.Named(l.Preset)
	t.preset, t.agent = preset.Running(l.Preset, l.Command)

	for _, kv := range parent {
		if name, value, ok := strings.Cut(kv, "="); ok && driven && passed(named.PassEnv, name) {
			t.env[name] = value
		}
	}
	for _, kv := range config.Environ(l, parent) {
		name, value, _ := strings.Cut(kv, "=")
		t.env[name] = value
	}
	t.env["PATH"] = filepath.Join(p.Dir, "bin") + string(os.PathListSeparator) + t.env["PATH"]
	return t
}

// passed reports whether one of the patterns, in which * stands for any run of
// characters, is a name.
func passed(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, err := filepath.Match(p, name)
		return err == nil && ok
	})
}

func (t *laneTest) run(ctx context.Context, source string) client.LaneTest {
	if t.lane.External() {
		t.ok("program", "not Andon's to start: andon run --lane "+t.lane.Name+" -- COMMAND")
	} else {
		t.program(ctx)
		t.variables()
		t.login()
		t.sandbox(ctx)
	}
	if t.lane.Account != "" {
		t.ok("account", t.lane.Account)
	}
	if source != "" {
		t.source(ctx, source)
	}
	return t.out
}

func (t *laneTest) ok(name, detail string) {
	t.out.Checks = append(t.out.Checks, client.LaneCheck{Name: name, OK: true, Detail: detail})
}

func (t *laneTest) fail(name, detail, fix string) {
	t.out.Checks = append(t.out.Checks, client.LaneCheck{Name: name, Detail: detail, Fix: fix})
}

const restart = "then restart the gateway from a shell that has it: andon gateway stop && andon gateway start"

// programOf is what a lane's workers are; "" if people start them.
func programOf(l config.Lane) string {
	agent, _ := l.Agent()
	switch {
	case len(l.Command) > 0:
		return l.Command[0]
	case l.Hermes():
		return cmp.Or(os.Getenv("HERMES_BIN"), preset.Hermes)
	}
	return agent.Program
}

func (t *laneTest) program(ctx context.Context) {
	name := programOf(t.lane)
	t.out.Program = name
	if strings.Contains(name, "/") && !filepath.IsAbs(name) {
		t.ok("program", name+", from the workspace of each task")
		return
	}
	path, err := worker.LookPath(name, t.environ())
	if err != nil {
		fix := "put its folder on the PATH; " + restart
		if t.agent && name == t.preset.Program {
			fix = t.preset.Install + "  installs it; " + restart
		}
		t.fail("program", fmt.Sprintf("%s is not on the PATH of the gateway (%s)", name, t.env["PATH"]), fix)
		return
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		t.fail("program", err.Error(), "give the lane a command that is there")
		return
	case info.IsDir() || info.Mode()&0o111 == 0:
		t.fail("program", path+" is not executable", "chmod +x "+path)
		return
	}
	t.ok("program", path)
	if t.agent && filepath.Base(name) == t.preset.Program {
		t.version(ctx, path)
	}
}

const versionLimit = 20 * time.Second // of a program that starts slowly on a busy machine

// version asks only programs that are known to answer without doing anything.
func (t *laneTest) version(ctx context.Context, path string) {
	ctx, cancel := context.WithTimeout(ctx, versionLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "--version")
	cmd.Env, cmd.Dir, cmd.WaitDelay = t.environ(), os.TempDir(), time.Second
	out, err := cmd.CombinedOutput()
	line, _, _ := strings.Cut(string(bytes.TrimSpace(bytes.ToValidUTF8(out, []byte("?")))), "\n")
	if err != nil {
		t.fail("version", fmt.Sprintf("%s --version: %v: %s", path, err, line), t.preset.Install+"  installs it anew")
		return
	}
	t.ok("version", line)
}

// variables are those that the lane asks for by name.
func (t *laneTest) variables() {
	a, _ := preset.AccessOf(t.preset.Name)
	for _, name := range t.lane.PassEnv {
		if t.env[name] != "" {
			t.ok("variable", name)
			continue
		}
		if slices.Contains(a.Keys, name) {
			continue // one of several ways to an account; see login
		}
		t.fail("variable", name+" is not set in the gateway's environment", "export "+name+", "+restart+"; or set it in the lane's env")
	}
}

// login looks for what the program finds its account by, and not into it.
func (t *laneTest) login() {
	a, known := preset.AccessOf(t.preset.Name)
	if !known {
		return
	}
	for _, key := range a.Keys {
		if t.env[key] != "" {
			t.ok("login", key)
			return
		}
	}
	var places []string
	for _, f := range a.Files {
		path := t.place(f)
		_, err := os.Stat(path)
		if err == nil {
			t.ok("login", path)
			return
		}
		if !errors.Is(err, fs.ErrNotExist) {
			t.fail("login", err.Error(), a.Login)
			return
		}
		places = append(places, path)
	}
	if a.Keychain && runtime.GOOS == "darwin" {
		t.ok("login", "in the keychain, if anywhere; not looked at")
		return
	}
	t.fail("login", fmt.Sprintf("neither %s nor %s is there", strings.Join(a.Keys, ", "), strings.Join(places, ", ")),
		a.Login+", or export "+a.Keys[0]+" and "+restart)
}

func (t *laneTest) place(f preset.File) string {
	if dir := t.env[f.Var]; f.Var != "" && dir != "" {
		return filepath.Join(dir, f.Name)
	}
	return filepath.Join(t.env["HOME"], f.Dir, f.Name)
}

// sandbox looks whether the lane's walls can be had here.
func (t *laneTest) sandbox(ctx context.Context) {
	if !t.lane.Sandbox.On() {
		return
	}
	plan, err := dispatch.Confine(ctx, t.paths, t.lane, os.TempDir())
	var rules *proxy.Rules
	if err == nil {
		rules, err = dispatch.Proxied(t.lane, t.environ())
	}
	if err == nil {
		detail := string(plan.Mode)
		if rules != nil {
			detail += ", network proxied: " + strings.Join(rules.Allow, ", ")
		}
		t.ok("sandbox", detail)
		return
	}
	fix := "andon lanes  shows the walls of each lane"
	if e, ok := errors.AsType[*kanban.Error](err); ok && e.Way != "" {
		fix = e.Way
	}
	t.fail("sandbox", err.Error(), fix)
}

// source is the repository that the board's tasks start from.
func (t *laneTest) source(ctx context.Context, dir string) {
	git := exec.CommandContext(ctx, "git", "-C", dir, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
	git.Env = append(t.environ(), "LC_ALL=C")
	err := git.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		t.ok("workspace", "copies of "+dir)
	case !errors.As(err, &exit):
		t.fail("workspace", "git cannot be run: "+err.Error(), "install git; "+restart)
	case exit.ExitCode() == 1:
		t.fail("workspace", dir+" has no commit to start from", "git -C "+dir+" commit --allow-empty -m 'First commit'")
	default:
		t.fail("workspace", dir+" is no git repository that can be used", "andon boards set-default-workdir BOARD PATH  names another")
	}
}

func (t *laneTest) environ() []string {
	var env []string
	for name, value := range t.env {
		env = append(env, name+"="+value)
	}
	slices.Sort(env)
	return env
}
