package kanban

import (
	"fmt"
	"strings"
	"testing"
)

func TestMoves(t *testing.T) {
	for _, c := range []struct {
		from  Status
		facts Facts
		want  string
	}{
		{Triage, 0, "promote>ready archive>archived"},
		{Triage, Waits, "promote>todo archive>archived"},
		{Todo, Waits, "schedule>scheduled start>ready! block>blocked archive>archived"},
		{Todo, 0, "schedule>scheduled promote>ready block>blocked archive>archived"},
		{Scheduled, Waits, "unblock>todo start>ready! block>blocked archive>archived"},
		{Ready, 0, "schedule>scheduled block>blocked complete>done archive>archived"},
		{Running, 0, "schedule>scheduled release>ready stop>blocked review>review complete>done archive>archived"},
		{Blocked, 0, "schedule>scheduled unblock>ready complete>done archive>archived"},
		{Blocked, Waits, "unblock>todo schedule>scheduled complete>done archive>archived"},
		{Review, 0, "reject>ready! approve>done archive>archived"},
		{Done, 0, "reopen>ready archive>archived"},
		{Archived, WasDone, "unarchive>done"},
		{Archived, WasHeld, "unarchive>blocked"},
	} {
		var got []string
		for _, m := range Moves(c.from, c.facts) {
			got = append(got, fmt.Sprintf("%s>%s%s", m.Action, m.To, map[bool]string{true: "!"}[m.Reason]))
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("from %s with facts %04b: %s; want %s", c.from, c.facts, text, c.want)
		}
	}
}
