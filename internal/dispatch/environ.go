package dispatch

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/workspace"
)

// environ is what a worker finds: the allow-listed variables, ours, and the
// reference system's names beside them.
func (r *run) environ(lane config.Lane, c board.Claimed, place workspace.Place) []string {
	d := r.d
	bin := filepath.Join(d.Paths.Dir, "bin")
	slug, run := r.board.Slug(), strconv.FormatInt(c.Run.ID, 10)
	path := bin
	env := []string{}
	for _, kv := range config.Environ(lane, os.Environ()) {
		if name, value, _ := strings.Cut(kv, "="); name == "PATH" {
			path += string(os.PathListSeparator) + value
			continue
		}
		env = append(env, kv)
	}
	set := func(name, value string) {
		if value != "" {
			env = append(env, name+"="+value)
		}
	}
	set("PATH", path)
	set("ANDON_TASK", c.Task.ID)
	set("ANDON_RUN_ID", run)
	set("ANDON_TOKEN", c.Token)
	set("ANDON_BOARD", slug)
	set("ANDON_HOME", d.Paths.Home)
	set("ANDON_WORKSPACE", place.Path)
	set("ANDON_CONTEXT", filepath.Join(r.dir, contextFile))
	set("ANDON_RESULT", filepath.Join(r.dir, resultFile))
	set("ANDON_SERVER", "unix:"+d.Paths.Socket)
	set("ANDON_BRANCH", place.Branch)
	set("ANDON_TENANT", c.Task.Tenant)
	set("ANDON_LANE", c.Run.Lane)
	set("ANDON_ATTEMPT", strconv.Itoa(c.Run.Attempt))
	set("ANDON_BIN", filepath.Join(bin, "andon"))

	set("HERMES_KANBAN_TASK", c.Task.ID)
	set("HERMES_KANBAN_RUN_ID", run)
	set("HERMES_KANBAN_CLAIM_LOCK", c.Run.ClaimLock)
	set("HERMES_KANBAN_DB", d.Database(slug))
	set("HERMES_KANBAN_BOARD", slug)
	set("HERMES_KANBAN_WORKSPACE", place.Path)
	set("HERMES_KANBAN_WORKSPACES_ROOT", filepath.Join(d.Boards.Dir(slug), "workspaces"))
	set("HERMES_KANBAN_BRANCH", place.Branch)
	set("HERMES_TENANT", c.Task.Tenant)
	set("HERMES_PROFILE", c.Run.Lane)
	return env
}
