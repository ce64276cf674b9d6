package doctor

import (
	"fmt"
	"strings"
	"time"
)

// freshBackup is how old the newest backup of a board may be, once there is one.
const freshBackup = 7 * 24 * time.Hour

func boards(f Facts) (found []Finding) {
	for _, b := range f.Boards {
		found = append(found, soundness(b)...)
		found = append(found, neighbours(f, b)...)
		found = append(found, copies(f.Now, b)...)
		if b.LastEvent.After(f.Now.Add(aMoment)) {
			found = append(found, Finding{
				"clock", Warning, fmt.Sprintf("board %s: the newest event is of %s, and now it is %s", b.Slug, stamp(b.LastEvent), stamp(f.Now)),
				"what waits for a time waits too long", "check the machine's clock (timedatectl)",
			})
		}
		if b.Stale > 0 {
			found = append(found, Finding{
				"workspaces", Info, fmt.Sprintf("board %s: workspaces beyond retention: %d", b.Slug, b.Stale), "they take space; a gateway removes them once a day",
				"andon gc --board " + b.Slug,
			})
		}
	}
	return found
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func soundness(b Board) (found []Finding) {
	if b.Unopened != "" {
		found = append(found, Finding{"board", Info, fmt.Sprintf("board %s was not looked into: %s", b.Slug, b.Unopened), "nothing is said about it here", ""})
	}
	if b.Problem != "" {
		found = append(found, Finding{"board", Error, fmt.Sprintf("board %s: %s", b.Slug, b.Problem), "it takes no writes", b.Way})
	}
	if len(b.Broken) > 0 {
		found = append(found, Finding{
			"board", Error, fmt.Sprintf("board %s: its file is not sound: %s", b.Slug, strings.Join(b.Broken, "; ")),
			"what is written there may be lost", "andon backup list --board " + b.Slug,
		})
	}
	return found
}

// neighbours tells of other programs that have a board open. What keeps its WAL
// in place beside them is a gateway, or a guard in a supervisor; without either
// they are on their own.
func neighbours(f Facts, b Board) []Finding {
	var others []string
	anchored := f.Gateway.Held
	for _, h := range b.Holders {
		if h.Ours {
			anchored = true
		} else {
			others = append(others, fmt.Sprintf("%s (pid %d)", h.Name, h.PID))
		}
	}
	if len(others) == 0 {
		return nil
	}
	what := fmt.Sprintf("board %s: other programs have its files open: %s", b.Slug, strings.Join(others, ", "))
	if anchored {
		return []Finding{{"foreign-processes", Info, what, "they may hold up writers; the WAL is kept in place beside them", ""}}
	}
	return []Finding{{
		"foreign-processes", Warning, what + ", and neither gateway nor guard is there",
		"processes of the reference system can corrupt a board among themselves: who closes it last removes the WAL under the others",
		"andon gateway start",
	}}
}

func shelf(f Facts) []Finding {
	if f.Copies.Problem == "" {
		return nil
	}
	way := "check owner and mode of the home"
	if f.Copies.To != "" {
		way = "mend the folder, or backup.to in " + f.Config.Path
	}
	return []Finding{{"backup-folder", Warning, "backups cannot be kept: " + f.Copies.Problem, "no board is backed up", way}}
}

func copies(now time.Time, b Board) (found []Finding) {
	if b.Unmade != "" {
		found = append(found, Finding{
			"backup", Warning, fmt.Sprintf("board %s: the scheduled backup failed: %s", b.Slug, b.Unmade), "a broken disk would take along what came since the last one",
			"mend that, then andon backup --board " + b.Slug,
		})
	}
	if b.Unsound != "" {
		found = append(found, Finding{
			"backup", Warning, fmt.Sprintf("board %s: the newest backup, %s, is not sound", b.Slug, b.Unsound), "it cannot be put back",
			"andon backup --board " + b.Slug,
		})
	}
	if b.Unopened != "" || b.Problem != "" {
		return found
	}
	switch age := now.Sub(b.Backup); {
	case b.Backup.IsZero():
		found = append(found, Finding{"backup", Info, fmt.Sprintf("board %s has no backup", b.Slug), "a broken disk would take it along", "andon backup --board " + b.Slug})
	case age > freshBackup:
		found = append(found, Finding{
			"backup", Warning, fmt.Sprintf("board %s: the newest sound backup is %d days old", b.Slug, int(age.Hours()/24)),
			"a broken disk would take along what came later", "andon backup --board " + b.Slug,
		})
	}
	return found
}
