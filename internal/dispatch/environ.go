package dispatch

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/workspace"
)

// environ is what a worker finds: the allow-listed variables, and over them
// ours, with the reference system's names beside them. A guest has variables of
// its own.
func (r *run) environ(s start, place workspace.Place) []string {
	env, parent := map[string]string{}, os.Environ()
	if r.guest() && s.claim.Token != "" { // a verification is no guest
		parent = nil
	}
	for _, kv := range config.Environ(s.lane, parent) {
		name, value, _ := strings.Cut(kv, "=")
		env[name] = value
	}
	d, t, run := r.d, s.claim.Task, strconv.FormatInt(r.row.ID, 10)
	bin := filepath.Join(d.Paths.Dir, "bin")
	env["PATH"] = strings.Trim(bin+string(os.PathListSeparator)+env["PATH"], string(os.PathListSeparator))
	maps.Copy(env, map[string]string{
		"ANDON_TASK":          t.ID,
		"ANDON_RUN_ID":        run,
		"ANDON_TOKEN":         s.claim.Token,
		"ANDON_BOARD":         r.key.board,
		"ANDON_HOME":          d.Paths.Home,
		"ANDON_WORKSPACE":     place.Path,
		"ANDON_CONTEXT":       filepath.Join(r.dir, contextFile),
		"ANDON_RESULT":        filepath.Join(r.dir, resultFile),
		"ANDON_SERVER":        "unix:" + d.Paths.Socket,
		"ANDON_BRANCH":        place.Branch,
		"ANDON_TENANT":        t.Tenant,
		"ANDON_LABELS":        strings.Join(t.Labels, ","),
		"ANDON_LANE":          r.row.Lane,
		"ANDON_ATTEMPT":       strconv.Itoa(r.row.Attempt),
		"ANDON_BUDGET_USD":    dollars(r.row.Reserved.Cost),
		"ANDON_BUDGET_TOKENS": count(r.row.Reserved.Tokens),
		"ANDON_BIN":           filepath.Join(bin, "andon"),

		"HERMES_KANBAN_TASK":            t.ID,
		"HERMES_KANBAN_RUN_ID":          run,
		"HERMES_KANBAN_CLAIM_LOCK":      r.row.ClaimLock,
		"HERMES_KANBAN_DB":              d.Database(r.key.board),
		"HERMES_KANBAN_BOARD":           r.key.board,
		"HERMES_KANBAN_WORKSPACE":       place.Path,
		"HERMES_KANBAN_WORKSPACES_ROOT": filepath.Join(d.Boards.Dir(r.key.board), "workspaces"),
		"HERMES_KANBAN_BRANCH":          place.Branch,
		"HERMES_TENANT":                 t.Tenant,
		"HERMES_PROFILE":                r.row.Lane,
	})
	maps.DeleteFunc(env, func(_, value string) bool { return value == "" })
	return sortedEnv(env)
}

func sortedEnv(env map[string]string) []string {
	list := make([]string, 0, len(env))
	for _, name := range slices.Sorted(maps.Keys(env)) {
		list = append(list, name+"="+env[name])
	}
	return list
}

// dollars and count are what a run may use, "" if nothing limits it.
func dollars(cost int64) string {
	if cost == 0 {
		return ""
	}
	return strings.TrimSuffix(kanban.FormatCost(cost), "USD")
}

func count(tokens int64) string {
	if tokens == 0 {
		return ""
	}
	return strconv.FormatInt(tokens, 10)
}
