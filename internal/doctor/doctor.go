package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Severity says how much a finding matters.
type Severity int

// The severities. What is above Info wants something done.
const (
	Info Severity = iota
	Warning
	Error
)

func (s Severity) String() string { return [...]string{"info", "warning", "error"}[s] }

// Finding is something that is not as it should be, or good to know.
type Finding struct {
	Name     string // of the rule
	Severity Severity
	What     string
	Why      string // it matters
	Command  string // that repairs it; "" = there is none
}

// The names of findings that have a safe repair of the same name.
const (
	Permissions    = "permissions"
	TemporaryFiles = "temporary-files"
	RunFolders     = "run-folders"
	State          = "state"
	StrayHolds     = "stray-holds"
	Orphans        = "orphans"
)

// Repairs lists them.
var Repairs = []string{Permissions, TemporaryFiles, RunFolders, Orphans, State, StrayHolds}

// fix is the command that has a repair done.
func fix(name string) string { return "andon doctor --fix " + name }

// Examine applies every rule, and returns the findings, worst first.
func Examine(f Facts) []Finding {
	var all []Finding
	for _, rule := range []func(Facts) []Finding{home, config, gateway, disk, shelf, boards, lanes, sinks, runs, leftovers} {
		all = append(all, rule(f)...)
	}
	slices.SortStableFunc(all, func(a, b Finding) int { return cmp.Compare(b.Severity, a.Severity) })
	return all
}

func home(f Facts) (found []Finding) {
	h := f.Home
	if h.Missing {
		return []Finding{{"home", Error, "there is no home at " + h.Path, "nothing can be kept or started there", "andon init"}}
	}
	if h.Problem != "" {
		found = append(found, Finding{"home", Error, h.Problem, "no board can be opened", h.Way})
	}
	if h.Owner != "" {
		found = append(found, Finding{
			"owner", Warning, fmt.Sprintf("%s belongs to %s", h.Path, h.Owner),
			"files that you make there are not the owner's to write", "run andon as " + h.Owner,
		})
	}
	if h.State != "" {
		found = append(found, Finding{State, Error, h.State, "what is held is not known, so nothing is started", h.Mend})
	}
	if h.Held != "" {
		found = append(found, Finding{"held", Warning, "the whole home is held: " + h.Held, "nothing is started", "andon resume"})
	}
	for _, m := range h.Open {
		found = append(found, Finding{
			Permissions, Warning, fmt.Sprintf("others may use %s (mode %04o)", m.Path, m.Mode),
			"who reaches the folder reaches tokens, logs and the gateway's socket", fix(Permissions),
		})
	}
	return found
}

func config(f Facts) []Finding {
	if f.Config.Problem == "" {
		return nil
	}
	why := "the gateway will not start with it"
	if f.Gateway.Answers {
		why = "the gateway goes on with the last good one until it ends"
	}
	return []Finding{{"config", Error, f.Config.Problem, why, cmp.Or(f.Config.Way, "andon config check")}}
}

func gateway(f Facts) (found []Finding) {
	g := f.Gateway
	switch {
	case f.Home.Missing:
		return nil
	case g.Held && !g.Answers:
		found = append(found, silent(g))
	case !g.Held:
		found = append(found, Finding{"gateway", Info, "no gateway runs for " + f.Home.Path, "nothing is started", "andon gateway start"})
	case g.Version != g.Asker:
		found = append(found, Finding{
			"version", Warning, fmt.Sprintf("the gateway is version %s, this program is %s", g.Version, g.Asker),
			"what was mended or added since is not in force", "andon gateway stop && andon gateway start",
		})
	}
	if g.Idle != "" {
		found = append(found, Finding{"dispatch", Info, "the gateway starts nothing: " + g.Idle, "tasks wait", "andon gateway status"})
	}
	if g.Other != "" {
		found = append(found, Finding{"other-gateway", Info, g.Other, "two of them would start the same task twice", ""})
	}
	return found
}

func silent(g Gateway) Finding {
	who, way := "a gateway", "andon gateway status"
	if g.PID != 0 {
		who, way = fmt.Sprintf("the gateway with pid %d", g.PID), fmt.Sprintf("kill -9 %d && andon gateway start", g.PID)
	}
	return Finding{
		"gateway", Error, who + " holds the home and does not answer; no board was looked into",
		"nothing is started, and no command reaches a board; its workers go on, and the next gateway adopts them", way,
	}
}

func disk(f Facts) (found []Finding) {
	d := f.Disk
	switch {
	case d.Problem != "":
		found = append(found, Finding{"disk", Warning, "free space is not known: " + d.Problem, "a full disk would come as a surprise", "df -h " + f.Home.Path})
	case d.MinFree > 0 && d.Free < uint64(d.MinFree):
		found = append(found, Finding{
			"disk", Error, fmt.Sprintf("%s are free, less than dispatch.min_free, %s", size(d.Free), size(uint64(d.MinFree))),
			"nothing is started", "andon gc --dry-run",
		})
	}
	if d.Memory {
		found = append(found, Finding{"file-system", Info, "the home lies in memory", "it is gone with the power", ""})
	}
	return found
}

func size(bytes uint64) string {
	if bytes < 1<<30 {
		return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
	}
	return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30))
}

func lanes(f Facts) (found []Finding) {
	for _, l := range f.Lanes {
		if l.Problem != "" {
			found = append(found, Finding{
				"lane", Warning, fmt.Sprintf("lane %s: %s", l.Name, l.Problem), "every run of it fails to start",
				"install " + l.Command + ", or mend the lane in " + f.Config.Path,
			})
		}
		if len(l.Unset) > 0 {
			found = append(found, Finding{
				"lane", Info, fmt.Sprintf("lane %s: not set: %s", l.Name, strings.Join(l.Unset, ", ")),
				"its workers do without", "set them where the gateway is started",
			})
		}
	}
	return found
}

func sinks(f Facts) (found []Finding) {
	for _, s := range f.Sinks {
		found = append(found, Finding{"sink", Warning, fmt.Sprintf("sink %s: %s", s.Name, s.Problem), "its messages wait, or others can send in its name", "mend the sink in " + f.Config.Path})
	}
	for _, b := range f.Boards {
		if b.Parked > 0 {
			found = append(found, Finding{
				"parked", Warning, fmt.Sprintf("board %s: messages that were given up: %d", b.Slug, b.Parked), "somebody was not told",
				"andon notify parked --board " + b.Slug,
			})
		}
	}
	return found
}

func runs(f Facts) (found []Finding) {
	for _, o := range f.Runs.Orphans {
		found = append(found, Finding{
			Orphans, Warning, fmt.Sprintf("processes of a run that is over live on: pid %s (%s)", pids(o.PIDs), o.Folder),
			"they may still write where others work", fix(Orphans),
		})
	}
	for _, folder := range f.Runs.Strays {
		found = append(found, Finding{RunFolders, Warning, "a run's folder without a run: " + folder, "nobody will read or remove it", fix(RunFolders)})
	}
	if len(f.Runs.Dead) > 0 && !f.Gateway.Answers { // a gateway ends them by itself
		found = append(found, Finding{
			"runs", Warning, "open runs whose supervisor is dead: " + strings.Join(f.Runs.Dead, ", "), "their tasks wait for a gateway to end them",
			"andon gateway start",
		})
	}
	return found
}

func pids(all []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(all), " ", ", "), "[]")
}

func leftovers(f Facts) (found []Finding) {
	if len(f.Holds) > 0 {
		found = append(found, Finding{
			StrayHolds, Warning, "held are boards that are not there: " + strings.Join(f.Holds, ", "),
			"what was making them was killed; whoever makes one of that name finds it held", fix(StrayHolds),
		})
	}
	if n := len(f.Temporary); n > 0 {
		found = append(found, Finding{
			TemporaryFiles, Warning, fmt.Sprintf("files that a crash left unfinished: %d, such as %s", n, f.Temporary[0]),
			"they take space and nobody will finish them", fix(TemporaryFiles),
		})
	}
	for _, folder := range f.Rescued {
		found = append(found, Finding{
			"rescued", Info, "what a latched board had open is kept in " + folder, "it may hold what is nowhere else, and takes space",
			"once nothing of it is needed: rm -r " + folder,
		})
	}
	if f.Guests != "" {
		found = append(found, Finding{
			"guests", Error, f.Guests,
			"nobody in a chat is heard until it can be read", "mend the file, or move it aside: then nobody is known, and each has to be let in again",
		})
	}
	for _, file := range f.Unheard {
		found = append(found, Finding{
			"unheard", Warning, "what waited to be done for guests in a chat could not be read, and is kept in " + file,
			"what they asked for just before may not have been done", "once nothing of it is needed: rm " + file,
		})
	}
	return found
}

// aMoment is by how much clocks may differ.
const aMoment = time.Minute
