package up

import (
	"fmt"
	"slices"
	"strings"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/lanes"
	"github.com/andon-dev/andon/internal/cli/output"
)

func draw(p *output.Printer, version string, d done) {
	p.Field("home", "%s", d.Home)
	p.Field("config", "%s%s", d.Config, word(d.Created, " (written)"))
	p.Field("repository", "%s", d.Repository)
	p.Field("board", "%s, %s", d.Board, source(d))
	p.Field("lanes", "%s", laneWords(d))
	p.Field("gateway", "%s", gatewayWords(version, d.Gateway))
	p.Section("Lanes")
	lanes.Draw(p, d.Lanes)
	if !d.changed() {
		p.Line("")
		p.Line("Everything was set up already; nothing was changed.")
	}
	p.Section("Next")
	lane := best(d)
	p.Line("  andon add \"Say what is to be done\" --lane %s", lane)
	p.Line("  andon logs @last -f")
	p.Line("  andon why @last")
}

func word(on bool, text string) string {
	if on {
		return text
	}
	return ""
}

func source(d done) string {
	switch {
	case d.Registered:
		return "which gives its workers copies of this repository from now on"
	case d.WorkDir == d.Repository:
		return "which gives its workers copies of this repository"
	}
	return fmt.Sprintf("whose default source is %s; what is added here uses this repository all the same. andon boards set-default-workdir %s .  changes it",
		d.WorkDir, d.Board)
}

// laneWords tells of the agents, found or not.
func laneWords(d done) string {
	if len(d.Added) > 0 {
		return "added " + strings.Join(d.Added, ", ") + "; andon.yaml.bak is what it was"
	}
	var programs, install []string
	for _, a := range d.Agents {
		if a.Path != "" {
			return "nothing to add"
		}
		programs, install = append(programs, a.Program), append(install, a.Install)
	}
	return fmt.Sprintf("no agent program is on this PATH (looked for %s); install one, such as with  %s,  and run andon up again",
		strings.Join(programs, ", "), install[0])
}

func gatewayWords(version string, g gatewayState) string {
	switch {
	case g.Started:
		return fmt.Sprintf("started, pid %d", g.PID)
	case g.Version != version:
		return fmt.Sprintf("runs, pid %d, of version %s, while this is %s; andon gateway stop && andon up  replaces it, workers go on", g.PID, g.Version, version)
	}
	return fmt.Sprintf("runs, pid %d", g.PID)
}

// best is the lane to try first: an agent's in which nothing is missing.
func best(d done) string {
	for _, agents := range []bool{true, false} {
		for _, t := range d.Lanes {
			agent := slices.ContainsFunc(d.Agents, func(a lanes.Agent) bool { return a.Lane == t.Lane })
			if agent == agents && lanes.Sound([]client.LaneTest{t}) {
				return t.Lane
			}
		}
	}
	return "LANE"
}
