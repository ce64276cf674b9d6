package workspace_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/workspace"
)

// TestMain keeps the configuration of whoever runs the tests out of them. It is
// also a process that prepares a work tree, for the test that has it killed.
func TestMain(m *testing.M) {
	os.Setenv("GIT_CONFIG_GLOBAL", "/dev/null")
	os.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	if root := os.Getenv("PREPARE_ROOT"); root != "" {
		os.Setenv("PREPARING", strconv.Itoa(os.Getpid()))
		_, err := workspace.New(root).Prepare(context.Background(), worktree(os.Getenv("PREPARE_REPO"), "t_1"))
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// git runs the user's git, with the user's name.
func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := tryGit(dir, args...)
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func tryGit(dir string, args ...string) (string, error) {
	cmd := exec.Command("git", append([]string{"-c", "user.name=Ada", "-c", "user.email=ada@example.org"}, args...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return strings.TrimSuffix(string(out), "\n"), err
}

// repository has one commit with a README on the branch main.
func repository(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "project")
	git(t, ".", "init", "--quiet", "--initial-branch=main", dir)
	write(t, dir, "README", "hello\n")
	git(t, dir, "add", ".")
	git(t, dir, "commit", "--quiet", "-m", "First commit")
	return dir
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func newManager(t *testing.T) *workspace.Manager {
	t.Helper()
	return workspace.New(filepath.Join(t.TempDir(), "workspaces"))
}

func prepare(t *testing.T, m *workspace.Manager, spec workspace.Spec) workspace.Place {
	t.Helper()
	place, err := m.Prepare(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	return place
}

func snapshot(t *testing.T, m *workspace.Manager, path string, run int64, limit int64) workspace.Snapshot {
	t.Helper()
	shot, err := m.Snapshot(t.Context(), path, "t_1", run, limit)
	if err != nil {
		t.Fatal(err)
	}
	return shot
}

func worktree(repo, task string) workspace.Spec {
	return workspace.Spec{Kind: workspace.Worktree, Repo: repo, Task: task}
}

// refused checks the code of an error, that its words name what it is about,
// and that whoever reads it is told what to do.
func refused(t *testing.T, err error, code kanban.Code, words string) {
	t.Helper()
	var e *kanban.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a refusal with code %s", err, code)
	}
	if e.Code != code || !strings.Contains(e.Message, words) {
		t.Errorf("got %s: %s, want %s: ...%s...", e.Code, e.Message, code, words)
	}
	if e.Way == "" {
		t.Errorf("%q has no hint", e.Message)
	}
}

// asOrdinaryUser says whether permissions hold for this process. For root,
// which may read everything, it runs the calling test once more as nobody.
func asOrdinaryUser(t *testing.T) bool {
	t.Helper()
	if os.Geteuid() != 0 {
		return true
	}
	dir, err := os.MkdirTemp("", "ordinary-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	binary, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	const nobody = 65534
	program := filepath.Join(dir, "test")
	err = errors.Join(os.WriteFile(program, binary, 0o755), os.Chmod(dir, 0o755), os.Chown(dir, nobody, nobody))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+dir, "TMPDIR="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("as an ordinary user: %v\n%s", err, out)
	}
	return false
}
