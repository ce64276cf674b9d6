package doctor_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/internal/doctor"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// healthy is a home with which everything is well.
func healthy() doctor.Facts {
	return doctor.Facts{
		Now:     now,
		Home:    doctor.Home{Path: "/h"},
		Config:  doctor.Config{Path: "/h/andon/andon.yaml"},
		Gateway: doctor.Gateway{Held: true, Answers: true, PID: 7, Version: "1.2", Asker: "1.2"},
		Disk:    doctor.Disk{Free: 9 << 30, MinFree: 2 << 30},
		Boards:  []doctor.Board{{Slug: "web", LastEvent: now, Backup: now.Add(-time.Hour)}},
		Lanes:   []doctor.Lane{{Name: "builder", Command: "claude"}},
	}
}

func TestNothingIsWrong(t *testing.T) {
	if found := doctor.Examine(healthy()); len(found) > 0 {
		t.Errorf("found %+v", found)
	}
}

// TestRules spoils one thing at a time. want is "severity name" of what is found,
// what and command are parts of the first.
func TestRules(t *testing.T) {
	board := func(spoil func(*doctor.Board)) func(*doctor.Facts) {
		return func(f *doctor.Facts) { spoil(&f.Boards[0]) }
	}
	alone := func(f *doctor.Facts) { f.Gateway = doctor.Gateway{Asker: "1.2"} }
	for name, tt := range map[string]struct {
		spoil         func(*doctor.Facts)
		want          []string
		what, command string
	}{
		"no home": {
			func(f *doctor.Facts) { *f = doctor.Facts{Home: doctor.Home{Path: "/h", Missing: true}} },
			[]string{"error home"},
			"no home at /h", "andon init",
		},
		"unusable home": {
			func(f *doctor.Facts) {
				f.Home.Problem, f.Home.Way = "/h is on a network file system", "move the home"
			},
			[]string{"error home"},
			"network", "move the home",
		},
		"holds that cannot be read": {
			func(f *doctor.Facts) {
				f.Home.State, f.Home.Mend = "/h/andon/state.db cannot be used", "andon doctor --fix state"
			},
			[]string{"error state"},
			"state.db", "--fix state",
		},
		"a held home":     {func(f *doctor.Facts) { f.Home.Held = "state.db was lost" }, []string{"warning held"}, "state.db was lost", "andon resume"},
		"a stray hold":    {func(f *doctor.Facts) { f.Holds = []string{"copy"} }, []string{"warning stray-holds"}, "copy", "--fix stray-holds"},
		"another's home":  {func(f *doctor.Facts) { f.Home.Owner = "ann" }, []string{"warning owner"}, "belongs to ann", "ann"},
		"open folder":     {func(f *doctor.Facts) { f.Home.Open = []doctor.Mode{{Path: "/h/andon", Mode: 0o755}} }, []string{"warning permissions"}, "0755", "--fix permissions"},
		"broken config":   {func(f *doctor.Facts) { f.Config.Problem = "line 3" }, []string{"error config"}, "line 3", "andon config check"},
		"no gateway":      {alone, []string{"info gateway"}, "no gateway", "andon gateway start"},
		"silent gateway":  {func(f *doctor.Facts) { f.Gateway.Answers = false }, []string{"error gateway"}, "pid 7", "kill -9 7"},
		"silent, unnamed": {func(f *doctor.Facts) { f.Gateway = doctor.Gateway{Held: true} }, []string{"error gateway"}, "a gateway holds", "andon gateway status"},
		"older gateway":   {func(f *doctor.Facts) { f.Gateway.Asker = "1.3" }, []string{"warning version"}, "1.2", "gateway stop"},
		"cord pulled":     {func(f *doctor.Facts) { f.Gateway.Idle = "the cord is pulled" }, []string{"info dispatch"}, "cord", "gateway status"},
		"other gateway":   {func(f *doctor.Facts) { f.Gateway.Other = "another program's" }, []string{"info other-gateway"}, "another program's", ""},
		"full disk":       {func(f *doctor.Facts) { f.Disk.Free = 5 << 20 }, []string{"error disk"}, "5.0 MiB are free, less than dispatch.min_free, 2.0 GiB", "andon gc"},
		"disk not looked at": {
			func(f *doctor.Facts) { f.Disk = doctor.Disk{Free: 1} }, nil, "", "",
		},
		"blind":           {func(f *doctor.Facts) { f.Disk.Problem = "statfs: no" }, []string{"warning disk"}, "statfs", "df"},
		"home in memory":  {func(f *doctor.Facts) { f.Disk.Memory = true }, []string{"info file-system"}, "memory", ""},
		"no command":      {func(f *doctor.Facts) { f.Lanes[0].Problem = "not in PATH" }, []string{"warning lane"}, "builder", "install claude"},
		"unset variables": {func(f *doctor.Facts) { f.Lanes[0].Unset = []string{"KEY", "URL"} }, []string{"info lane"}, "KEY, URL", "set them"},
		"bad secret":      {func(f *doctor.Facts) { f.Sinks = []doctor.Sink{{Name: "ops", Problem: "no file"}} }, []string{"warning sink"}, "ops", "andon.yaml"},
		"parked":          {board(func(b *doctor.Board) { b.Parked = 3 }), []string{"warning parked"}, "3", "andon notify parked --board web"},

		"board not opened":  {board(func(b *doctor.Board) { b.Unopened, b.Backup = "new here", time.Time{} }), []string{"info board"}, "new here", ""},
		"latched board":     {board(func(b *doctor.Board) { b.Problem, b.Way = "no more writes", "andon boards reopen web" }), []string{"error board"}, "no more writes", "reopen web"},
		"damaged board":     {board(func(b *doctor.Board) { b.Broken = []string{"row 1 missing"} }), []string{"error board"}, "row 1 missing", "backup list"},
		"no backup":         {board(func(b *doctor.Board) { b.Backup = time.Time{} }), []string{"info backup"}, "no backup", "andon backup --board web"},
		"backup of a week":  {board(func(b *doctor.Board) { b.Backup = now.AddDate(0, 0, -7) }), nil, "", ""},
		"old backup":        {board(func(b *doctor.Board) { b.Backup = now.AddDate(0, 0, -9) }), []string{"warning backup"}, "9 days", "andon backup"},
		"no such folder":    {func(f *doctor.Facts) { f.Copies = doctor.Copies{To: "/mnt/x", Problem: "/mnt is no folder"} }, []string{"warning backup-folder"}, "/mnt is no", "backup.to in /h/andon/andon.yaml"},
		"unreadable folder": {func(f *doctor.Facts) { f.Copies.Problem = "/h/andon/backups: denied" }, []string{"warning backup-folder"}, "denied", "owner and mode of the home"},
		"failed backup":     {board(func(b *doctor.Board) { b.Unmade = "disk full" }), []string{"warning backup"}, "failed: disk full", "andon backup --board web"},
		"unsound backup":    {board(func(b *doctor.Board) { b.Unsound = "web-1" }), []string{"warning backup"}, "web-1", "andon backup"},
		"clock set back":    {board(func(b *doctor.Board) { b.LastEvent = now.Add(time.Hour) }), []string{"warning clock"}, "13:00:00Z, and now it is 2026-11-23T12:00:00Z", "timedatectl"},
		"clock a bit off":   {board(func(b *doctor.Board) { b.LastEvent = now.Add(30 * time.Second) }), nil, "", ""},
		"old workspaces":    {board(func(b *doctor.Board) { b.Stale = 2 }), []string{"info workspaces"}, "2", "andon gc --board web"},
		"our own processes": {board(func(b *doctor.Board) { b.Holders = []doctor.Holder{{Name: "andon", PID: 3, Ours: true}} }), nil, "", ""},

		"a neighbour of the gateway": {
			board(func(b *doctor.Board) { b.Holders = []doctor.Holder{{Name: "sqlite3", PID: 4}} }),
			[]string{"info foreign-processes"},
			"sqlite3 (pid 4)", "",
		},
		"neighbours on their own": {
			func(f *doctor.Facts) {
				alone(f)
				f.Boards[0].Holders = []doctor.Holder{{Name: "python3", PID: 4}, {Name: "python3", PID: 5}}
			},
			[]string{"warning foreign-processes", "info gateway"},
			"python3 (pid 4), python3 (pid 5), and neither gateway nor guard is there", "andon gateway start",
		},
		"neighbours under a guard": {
			func(f *doctor.Facts) {
				alone(f)
				f.Boards[0].Holders = []doctor.Holder{{Name: "python3", PID: 4}, {Name: "andon", PID: 5, Ours: true}}
			},
			[]string{"info gateway", "info foreign-processes"},
			"no gateway", "gateway start",
		},
		"orphans": {
			func(f *doctor.Facts) { f.Runs.Orphans = []doctor.Orphan{{Folder: "/h/r/web.1", PIDs: []int{8, 9}}} },
			[]string{"warning orphans"},
			"pid 8, 9 (/h/r/web.1)", "--fix orphans",
		},
		"stray folder":                {func(f *doctor.Facts) { f.Runs.Strays = []string{"/h/r/web.9"} }, []string{"warning run-folders"}, "web.9", "--fix run-folders"},
		"dead, and a gateway ends it": {func(f *doctor.Facts) { f.Runs.Dead = []string{"web.2"} }, nil, "", ""},
		"dead": {
			func(f *doctor.Facts) {
				alone(f)
				f.Runs.Dead = []string{"web.2"}
			},
			[]string{"warning runs", "info gateway"},
			"web.2", "andon gateway start",
		},
		"temporary files": {func(f *doctor.Facts) { f.Temporary = []string{"/h/a", "/h/b"} }, []string{"warning temporary-files"}, "2, such as /h/a", "--fix temporary-files"},
		"guests":          {func(f *doctor.Facts) { f.Guests = "who may come in from chats cannot be read: /h/chat.json: EOF" }, []string{"error guests"}, "/h/chat.json", "move it aside"},
		"unheard":         {func(f *doctor.Facts) { f.Unheard = []string{"/h/heard/tg.json.damaged"} }, []string{"warning unheard"}, "/h/heard/tg.json.damaged", "rm /h/heard/tg.json.damaged"},
		"rescued":         {func(f *doctor.Facts) { f.Rescued = []string{"/h/rescued/web/1"} }, []string{"info rescued"}, "/h/rescued/web/1", "rm -r /h/rescued/web/1"},
	} {
		t.Run(name, func(t *testing.T) {
			f := healthy()
			tt.spoil(&f)
			found := doctor.Examine(f)
			var got []string
			for _, s := range found {
				got = append(got, s.Severity.String()+" "+s.Name)
				if s.What == "" || s.Why == "" || strings.Contains(s.Command, "--fix") && !slices.Contains(doctor.Repairs, s.Name) {
					t.Errorf("%+v says too little, or too much", s)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Fatal(diff)
			}
			if len(found) > 0 && (!strings.Contains(found[0].What, tt.what) || !strings.Contains(found[0].Command, tt.command)) {
				t.Errorf("says %q, %q", found[0].What, found[0].Command)
			}
		})
	}
}

// TestWorstFirst: what can wait stands below what cannot.
func TestWorstFirst(t *testing.T) {
	f := healthy()
	f.Disk.Memory, f.Temporary, f.Config.Problem = true, []string{"/h/a"}, "line 3"
	var got []doctor.Severity
	for _, s := range doctor.Examine(f) {
		got = append(got, s.Severity)
	}
	if diff := cmp.Diff([]doctor.Severity{doctor.Error, doctor.Warning, doctor.Info}, got); diff != "" {
		t.Error(diff)
	}
}
