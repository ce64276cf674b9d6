package preset

import (
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// Hermes is the name of the preset for workers of the reference system. They are
// no agents as the others are: they write the board's file themselves, with the
// claim lock that they find in their environment, and say there how they ended.
const Hermes = "hermes"

// HermesAsk is what one run wants of a worker of the reference system.
type HermesAsk struct {
	Command []string // replaces the program; nil = HERMES_BIN, else hermes
	Bin     string   // HERMES_BIN of the gateway, "" = unset
	Args    []string // further arguments, before the chat
	Profile string   // whose model, tools and memory work
	Root    string   // the home in which profiles stand, absolute
	Skills  []string // of the task
	Kanban  bool     // the skill kanban-worker can be loaded in that profile
	Model   string   // "" = the profile's own
	Task    string
}

// kanbanSkill tells a worker of the reference system how to work on a task. One
// that cannot be loaded ends the worker, so it is named only where it is.
const kanbanSkill = "kanban-worker"

// DefaultProfile is the one that has the home itself.
const DefaultProfile = "default"

// Argv is the command line of the reference's dispatcher.
func (a HermesAsk) Argv() []string {
	argv := slices.Clone(a.Command)
	switch {
	case len(argv) > 0:
	case a.Bin != "":
		argv = []string{a.Bin}
	default:
		argv = []string{"hermes"}
	}
	argv = append(argv, "-p", a.Profile, "--accept-hooks")
	skills := []string{}
	if a.Kanban {
		skills = append(skills, kanbanSkill)
	}
	for _, s := range a.Skills {
		if !slices.Contains(skills, s) {
			skills = append(skills, s)
		}
	}
	for _, s := range skills {
		argv = append(argv, "--skills", s)
	}
	if a.Model != "" {
		argv = append(argv, "-m", a.Model)
	}
	argv = append(argv, a.Args...)
	return append(argv, "chat", "-q", "work kanban task "+a.Task)
}

// ProfileHome is where a profile stands in a home of the reference system.
func ProfileHome(root, profile string) string {
	if profile == DefaultProfile {
		return root
	}
	return filepath.Join(root, "profiles", profile)
}

// KanbanSkillAt are the places of a profile's home, as patterns, of which one is
// there if the worker's skill can be loaded.
func KanbanSkillAt(home string) []string {
	return []string{filepath.Join(home, "skills", kanbanSkill, "SKILL.md"), filepath.Join(home, "skills", "*", kanbanSkill, "SKILL.md")}
}

// spare is what a tool of the worker leaves of its run's time.
const spare = 30 * time.Second

// RaiseTimeouts lets the tools of a worker take as long as its run may, but for a
// last half minute, where less is set. env is the worker's; limit 0 = none.
func RaiseTimeouts(env map[string]string, limit time.Duration) {
	seconds := int((limit - spare) / time.Second)
	if seconds <= 0 {
		return
	}
	for _, name := range []string{"TERMINAL_TIMEOUT", "TERMINAL_MAX_FOREGROUND_TIMEOUT"} {
		if n, err := strconv.Atoi(env[name]); env[name] == "" || err == nil && n < seconds {
			env[name] = strconv.Itoa(seconds)
		}
	}
}
