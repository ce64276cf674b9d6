package transfer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/memory"
	"github.com/andon-dev/andon/internal/store/sqlite"
	"github.com/andon-dev/andon/internal/store/storetest"
)

var (
	bg  = context.Background()
	t0  = time.Date(2026, 11, 23, 10, 0, 0, int(123*time.Millisecond), time.UTC)
	ann = kanban.Actor{Kind: kanban.Human, Name: "ann"}
)

func clock() time.Time { return t0 }

type tb interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

func ok(t tb, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func must[T any](v T, err error) func(tb) T {
	return func(t tb) T {
		t.Helper()
		ok(t, err)
		return v
	}
}

func boardsIn(b store.Boards) *board.Boards {
	return board.NewBoards(b, func(string) board.Ports {
		return board.Ports{Clock: clock, Settings: func() board.Settings { return board.Settings{} }}
	})
}

func inMemory() *board.Boards { return boardsIn(memory.NewBoards("", clock)) }

// homes make an empty home of each kind.
func homes(t *testing.T) map[string]func(tb) *board.Boards {
	return map[string]func(tb) *board.Boards{
		"memory": func(tb) *board.Boards { return inMemory() },
		"sqlite": func(rt tb) *board.Boards {
			home := must(sqlite.OpenHome(t.TempDir(), sqlite.Options{Clock: clock}))(rt)
			t.Cleanup(func() { ok(t, home.Close()) })
			return boardsIn(home)
		},
	}
}

func export(t tb, b *board.Boards, slug string, contents Contents) []byte {
	t.Helper()
	var out bytes.Buffer
	bd := must(b.Board(bg, slug))(t)
	h := Header{ExportedAt: t0.Add(time.Hour), Andon: "test", Board: BoardOf(must(b.Info(bg, slug))(t))}
	ok(t, bd.Store().View(bg, func(r store.Reader) error { return Export(&out, r, h, contents) }))
	return out.Bytes()
}

func bring(b *board.Boards, stream []byte, slug string) (Imported, error) {
	return Import(bg, b, ann, bytes.NewReader(stream), slug, filesFor(keepNothing))
}

func filesFor(keep Keep) Files {
	return Files{Keep: keep, Aside: func() (io.ReadWriteSeeker, error) { return &inMemoryFile{}, nil }}
}

// inMemoryFile is written first and read from its beginning then.
type inMemoryFile struct {
	content []byte
	bytes.Reader
}

func (f *inMemoryFile) Write(p []byte) (int, error) {
	f.content = append(f.content, p...)
	return len(p), nil
}

func (f *inMemoryFile) Seek(int64, int) (int64, error) {
	f.Reset(f.content)
	return 0, nil
}

func keepNothing(_ context.Context, sha string, content io.Reader) error {
	hash := sha256.New()
	if _, err := io.Copy(hash, content); err != nil {
		return err
	}
	if hex.EncodeToString(hash.Sum(nil)) != sha {
		return errors.New("it is not what its hash says")
	}
	return nil
}

// held is in a stream with a task or run that does not come along as it is.
var held = regexp.MustCompile(`"live_run"|"live":true|"status":"running"`)

// TestG06_ExportImportRoundTrip: the copy of a random board, through a stream
// and through either store, gives the same stream byte by byte. Only runs that
// were open do not come along; once they have ended, nothing differs any more.
func TestG06_ExportImportRoundTrip(t *testing.T) {
	for from := range homes(t) {
		for to := range homes(t) {
			t.Run(from+" to "+to, func(t *testing.T) {
				storetest.Fewer(t, "rapid.checks", map[bool]string{true: "100", false: "10"}[from == to && from == "memory"])
				rapid.Check(t, func(rt *rapid.T) {
					source, target := homes(t)[from](rt), homes(t)[to](rt)
					ok(rt, must(source.Board(bg, kanban.DefaultBoard))(rt).Store().Update(bg, func(tx store.Tx) error { return scribble(rt, tx) }))
					first := export(rt, source, kanban.DefaultBoard, nil)
					made, err := bring(target, first, "copy")
					ok(rt, err)
					second := export(rt, target, "copy", nil)
					if made.Ended == 0 && !held.Match(first) {
						sameStream(rt, first, second, `"slug":"default"`, `"slug":"copy"`)
					}
					_, err = bring(source, second, "copy")
					ok(rt, err)
					sameStream(rt, second, export(rt, source, "copy", nil), "", "")
				})
			})
		}
	}
}

// sameStream compares all lines but for what the header says of the name, and
// so the hash.
func sameStream(t tb, first, second []byte, was, is string) {
	t.Helper()
	normal := func(stream []byte) string {
		text := strings.Replace(string(stream), was, is, 1)
		at := strings.LastIndex(text, `"sha256"`)
		return text[:at]
	}
	if diff := cmp.Diff(normal(first), normal(second)); diff != "" {
		t.Fatalf("the streams differ (-first +second):\n%s", diff)
	}
}

// scribble puts random rows on a board: more than the rules would allow, as far
// as the form of names goes.
func scribble(rt *rapid.T, tx store.Tx) error {
	ids := []string{"t_00000001", "t_00000002", "t_00000003", "t_0000000a"}
	id := rapid.SampledFrom(ids)
	words := rapid.SampledFrom([]string{"", "apple", "über ☂", "a\nb\t\"<&>\u2028", "'; --", strings.Repeat("long ", 5000)})
	at := func(name string) time.Time {
		return t0.Add(time.Duration(rapid.IntRange(0, 5000).Draw(rt, name)) * time.Millisecond)
	}
	maybe := func(name string) time.Time {
		if rapid.Bool().Draw(rt, name+"?") {
			return time.Time{}
		}
		return at(name)
	}
	n := func(name string) int { return rapid.IntRange(0, 4).Draw(rt, name) }
	var errs []error
	note := func(err error) { errs = append(errs, err) }
	for _, task := range ids[:1+n("tasks")%4] {
		t := kanban.Task{
			ID: task, Title: "x" + words.Draw(rt, "title"), Body: words.Draw(rt, "body"), Status: rapid.SampledFrom(kanban.Statuses).Draw(rt, "status"),
			Priority: n("priority") - 2, CreatedAt: t0, UpdatedAt: t0.Add(time.Minute), CompletedAt: maybe("completed"), NotBefore: maybe("not before"),
			Workspace: kanban.Workspace{Kind: kanban.Worktree, Path: "/w/" + task, Repo: "/src", Branch: "andon/" + task},
			Failures:  n("failures"), LastError: words.Draw(rt, "error"), MaxRuntime: time.Duration(n("runtime")) * 700 * time.Millisecond,
			LiveRun: int64(n("live") / 4),
		}
		t.Skills = rapid.SampledFrom([][]string{nil, {}, {"a", "b"}}).Draw(rt, "skills")
		note(tx.InsertTask(t))
		for range n("versions") {
			note(tx.UpdateTask(t))
		}
	}
	for range n("runs") {
		code := n("exit")
		r := kanban.Run{
			Task: id.Draw(rt, "run of"), Lane: "builder", Attempt: 1 + n("attempt"), StartedAt: at("start"), EndedAt: maybe("end"), Summary: words.Draw(rt, "summary"),
			ClaimLock: "lock-secret", TokenHash: "hash-secret", Metadata: []byte(`{"n":1.50,"big":12345678901234567890}`), ExitCode: &code,
			Supervisor: kanban.Process{Boot: "b", PID: 7}, Workspace: "/w", Live: n("live run") == 4,
		}
		if !r.EndedAt.IsZero() {
			r.Outcome = kanban.Crashed
		}
		_, err := tx.InsertRun(r)
		note(err)
	}
	for range n("events") {
		e := kanban.Event{Task: id.Draw(rt, "event of"), Run: int64(n("run")), Kind: rapid.SampledFrom(kanban.EventKinds).Draw(rt, "kind"), At: at("at")}
		e.Payload = map[string]any{"words": words.Draw(rt, "words"), "n": 1e300, "list": []any{1.5, nil, true}}
		_, err := tx.AddEvent(e)
		note(err)
		_, err = tx.AddDelivery(store.Delivery{
			Destination: int64(n("destination") / 4), Subscription: 1, Event: kanban.Event{ID: int64(n("told") + 1)}, State: store.Parked,
			Error: words.Draw(rt, "why"), NextAt: at("next"), Batch: int64(n("batch") - 1),
		})
		if kanban.CodeOf(err) != kanban.Conflict {
			note(err)
		}
		_, err = tx.AddComment(kanban.Comment{Task: e.Task, Author: "ann", Body: words.Draw(rt, "comment"), At: at("said")})
		note(err)
	}
	for range n("links") {
		note(tx.PutLink(kanban.Link{Parent: id.Draw(rt, "parent"), Child: id.Draw(rt, "child"), Waived: rapid.Bool().Draw(rt, "waived"), WaivedReason: words.Draw(rt, "why")}))
	}
	if rapid.Bool().Draw(rt, "more") {
		note(tx.PutArtifacts([]kanban.Artifact{{Task: ids[0], Run: 1, Path: "out/b.txt", SHA256: strings.Repeat("a", 64), Size: 3, Type: "text/plain"}}))
		_, _, err := tx.PutSubscription(store.Subscription{
			Lane: "builder", Creator: "ann", Alone: true, Sink: "ops", Target: "room", Kinds: kanban.EventKinds[:n("kinds")], CreatedAt: at("since"),
		})
		note(err)
		note(tx.HoldDestination(1, maybe("hold")))
		note(tx.PutMute(store.Mute{Destination: 1, Task: ids[0], Until: maybe("until"), By: "ann", At: at("muted")}))
		note(tx.PutPost(store.Post{Destination: 1, Task: ids[0], Ref: "m1", At: at("posted")}))
		note(tx.PutKey("key", ids[0]))
		note(tx.SetMeta("epoch", "3"))
		_, err = tx.Prune(store.Prune{Events: at("prune"), Limit: 1})
		note(err)
	}
	return errors.Join(errs...)
}

// TestG20_AnExportOfBeforeThereWereDestinations names a place with each
// subscription: what two of them wanted told there is one message, and it is not
// lost where one of the two was given up.
func TestG20_AnExportOfBeforeThereWereDestinations(t *testing.T) {
	_, stream := small(t)
	lines := strings.SplitAfter(string(stream), "\n")
	old := slices.DeleteFunc(lines, func(l string) bool {
		return strings.HasPrefix(l, `{"destination"`) || strings.HasPrefix(l, `{"subscription"`) || strings.HasPrefix(l, `{"trailer"`)
	})
	old[0] = strings.Replace(old[0], `"version":2`, `"version":1`, 1)
	counts := Counts{}
	for _, l := range old[1:] {
		kind, _, _ := strings.Cut(strings.TrimPrefix(l, `{"`), `"`)
		counts[kind]++
	}
	delete(counts, "")
	add := func(kind, row string) {
		old = append(old, `{"`+kind+`":`+row+"}\n")
		counts[kind]++
	}
	add("subscription", `{"id":3,"sink":"ops"}`)
	add("subscription", `{"id":4,"task":"t_00000001","sink":"ops","kinds":["blocked"]}`)
	for n, d := range []string{`3,"event":1,"state":"parked"`, `4,"event":1,"state":"pending"`, `4,"event":2,"state":"pending"`, `9,"event":2,"state":"pending"`} {
		add("delivery", fmt.Sprintf(`{"id":%d,"subscription":%s}`, n+1, d))
	}
	body := strings.Join(old, "")
	end := must(json.Marshal(record{Trailer: &trailer{Counts: counts, LastIDs: store.LastIDs{Subscription: 7}, SHA256: hex.EncodeToString(digestOf(body))}}))(t)
	for name, home := range homes(t) {
		t.Run(name, func(t *testing.T) {
			b := home(t)
			_, err := bring(b, []byte(body+string(end)+"\n"), "old")
			ok(t, err)
			bd := must(b.Board(bg, "old"))(t)
			var told []string
			for _, m := range must(bd.Messages(bg, store.Pending, 0))(t) {
				told = append(told, fmt.Sprint(m.Place.ID, " ", m.Place.Sink, " ", m.Event.ID))
			}
			if want := []string{"3 ops 2", "3 ops 1"}; !slices.Equal(told, want) {
				t.Errorf("pending %q, want %q", told, want)
			}
			lost := must(bd.Messages(bg, store.Parked, 0))(t)
			if len(lost) != 1 || lost[0].Subscription != 9 || lost[0].Error != store.NoDestination {
				t.Errorf("whose subscription is gone: %+v", lost)
			}
			s, _, err := bd.Subscribe(bg, ann, store.Subscription{Sink: "new"})
			ok(t, err)
			if s.Destination != 8 {
				t.Errorf("destination %d", s.Destination)
			}
		})
	}
}

func digestOf(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// small is a board with one of everything, and a run that is open.
func small(t *testing.T) (*board.Boards, []byte) {
	t.Helper()
	b := inMemory()
	bd := must(b.Board(bg, kanban.DefaultBoard))(t)
	parent := must(bd.Create(bg, ann, board.NewTask{Title: "first", Assignee: "builder"}))(t).Task
	must(bd.Create(bg, ann, board.NewTask{Title: "second", Assignee: "builder", Parents: []string{parent.ID}, Key: "nightly"}))(t)
	must(bd.Claim(bg, ann, parent.ID, time.Hour, nil))(t)
	_, _, err := bd.Subscribe(bg, ann, store.Subscription{Sink: "ops"})
	ok(t, err)
	return b, export(t, b, kanban.DefaultBoard, nil)
}

// TestG11_ImportBringsNoLease: a run that was open has been lost, its task is
// free again, nothing starts before somebody resumes the board, and no secret
// stands in the stream.
func TestG11_ImportBringsNoLease(t *testing.T) {
	source, stream := small(t)
	live := must(must(source.Board(bg, "default"))(t).LiveRuns(bg))(t)[0]
	for _, secret := range []string{live.ClaimLock[:len(live.ClaimLock)-3] + `","claim_ends`, live.TokenHash, `"claim_lock"`, `"token`} {
		if strings.Contains(string(stream), secret) {
			t.Errorf("the stream holds %q", secret)
		}
	}
	target := homes(t)["sqlite"](t)
	made := must(bring(target, stream, "copy"))(t)
	bd := must(target.Board(bg, "copy"))(t)
	run := must(bd.Run(bg, live.ID))(t)
	task := must(bd.Task(bg, live.Task))(t)
	if made.Ended != 1 || run.Outcome != kanban.Lost || !run.EndedAt.Equal(t0.Add(time.Hour)) || len(must(bd.LiveRuns(bg))(t)) != 0 {
		t.Errorf("ended %d: %+v", made.Ended, run)
	}
	if task.Status != kanban.Ready || task.CurrentRun != 0 || task.ClaimLock != "" {
		t.Errorf("the task is %s: %+v", task.Status, task)
	}
	last := must(bd.Events(bg, store.EventQuery{Task: task.ID, Last: true, Limit: 1}))(t)[0]
	if last.Kind != kanban.EvLost || last.Run != run.ID {
		t.Errorf("the last event is %+v", last)
	}
	if holds := must(target.Holds(bg))(t); len(holds) != 1 || holds[0].Scope != "board:copy" {
		t.Errorf("held: %+v", holds)
	}
}

// TestImportMakesNewBoards: over an existing one it is refused, also under
// another spelling, and nothing is held.
func TestImportMakesNewBoards(t *testing.T) {
	b, stream := small(t)
	for _, slug := range []string{"", " DEFAULT "} {
		_, err := bring(b, stream, slug)
		if kanban.CodeOf(err) != kanban.Conflict {
			t.Errorf("%q: %v", slug, err)
		}
	}
	_, err := bring(b, stream, "../etc")
	if kanban.CodeOf(err) != kanban.Invalid {
		t.Error(err)
	}
	if holds := must(b.Holds(bg))(t); len(holds) != 0 {
		t.Errorf("held: %+v", holds)
	}
	worker := kanban.Actor{Kind: kanban.Worker, Name: "builder"}
	if _, err := Import(bg, b, worker, bytes.NewReader(stream), "copy", filesFor(keepNothing)); kanban.CodeOf(err) != kanban.Unauthorized {
		t.Errorf("a worker: %v", err)
	}
}

// reseal replaces text in a stream and writes a trailer that fits again.
func reseal(stream []byte, was, is string) []byte {
	text := strings.Replace(string(stream), was, is, 1)
	at := strings.LastIndex(strings.TrimSuffix(text, "\n"), "\n") + 1
	hash := sha256.Sum256([]byte(text[:at]))
	i := strings.Index(text[at:], `"sha256":"`) + at + len(`"sha256":"`)
	return []byte(text[:i] + hex.EncodeToString(hash[:]) + text[i+64:])
}

// TestImportIsStrict: what is not exactly an export is refused with the line, in
// one clear error, and nothing has changed.
func TestImportIsStrict(t *testing.T) {
	_, stream := small(t)
	text := string(stream)
	lines := strings.SplitAfter(text, "\n")
	for name, tt := range map[string]struct{ stream, want string }{
		"empty":             {"", "line 1: the stream is empty"},
		"cut off":           {text[:len(text)/2], "the stream is cut off"},
		"without its end":   {strings.Join(lines[:len(lines)-2], ""), "the stream is cut off"},
		"last line cut":     {text[:len(text)-1], "the stream is cut off"},
		"a byte changed":    {strings.Replace(text, "first", "First", 1), "was changed after it was written"},
		"a line lost":       {strings.Join(append(append([]string{}, lines[:3]...), lines[4:]...), ""), "was changed after it was written"},
		"more at the end":   {text + "{}\n", "something follows the trailer"},
		"byte order mark":   {"\xef\xbb\xbf" + text, "byte order mark"},
		"CR LF":             {strings.ReplaceAll(text, "\n", "\r\n"), "line 1: it ends with CR LF"},
		"gzip":              {"\x1f\x8b\x08\x00 anything", "compressed"},
		"a database":        {"SQLite format 3\x00 anything", "a database, not an export"},
		"binary":            {"\x00\x01\x02\n", "not text in UTF-8"},
		"Latin-1":           {strings.Replace(text, "first", "f\xfcrst", 1), "not text in UTF-8"},
		"no line at all":    {strings.Repeat("x", maxLine+1), "longer than"},
		"other JSON":        {`{"a":1}` + "\n", "not an export of Andon"},
		"a newer version":   {strings.Replace(text, `"version":2`, `"version":3`, 1), "of version 3; this program reads versions 1 and 2"},
		"an unknown record": {string(reseal(stream, `{"task":`, `{"job":`)), `line 3: unknown field "job"`},
		"an unknown field":  {string(reseal(stream, `"title":"first"`, `"title":"first","token":"x"`)), `line 3: unknown field "token"`},
		"a claim lock":      {string(reseal(stream, `"title":"first"`, `"title":"first","claim_lock":"x"`)), `unknown field "claim_lock"`},
		"two in a line":     {lines[0] + strings.Replace(lines[1], "}\n", "}{}\n", 1), "more than one document"},
		"two headers":       {lines[0] + text, "the first line, and no other, is the header"},
		"no header":         {strings.Join(lines[1:], ""), "not an export of Andon"},
		"out of order":      {lines[0] + lines[4] + lines[2], "line 3: a task after a link"},
		"a path as an id":   {string(reseal(stream, `{"task":{"id":"t_`, `{"task":{"id":"../t_`)), `line 3: task: bad value: task id "../t_`},
		"a status":          {string(reseal(stream, `"status":"todo"`, `"status":"flying"`)), `status "flying"`},
		"a type":            {string(reseal(stream, `"version":2,"workspace"`, `"version":"2","workspace"`)), `line 3: "task.version" holds`},
		"an id of a board":  {lines[0] + `{"meta":{"key":"board_id","value":"x"}}` + "\n", `key "board_id"`},
		"an artifact":       {lines[0] + `{"artifact":{"task":"t_00000001","run":1,"path":"../../x","sha256":"` + strings.Repeat("0", 64) + `","size":1}}` + "\n", `path "../../x"`},
		"a digest":          {lines[0] + `{"artifact":{"task":"t_00000001","run":1,"path":"x","sha256":"../x","size":1}}` + "\n", `sha256 "../x"`},
	} {
		t.Run(name, func(t *testing.T) {
			b := inMemory()
			_, err := bring(b, []byte(tt.stream), "copy")
			if kanban.CodeOf(err) != kanban.Invalid || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if all := must(b.List(bg, true))(t); len(all) != 1 || len(must(b.Holds(bg))(t)) != 0 {
				t.Errorf("boards %v", all)
			}
		})
	}
}

// TestImportLooksBeforeItKeeps: of what is no export nothing is put aside, and of
// one that goes wrong no more is read, though it has no end.
func TestImportLooksBeforeItKeeps(t *testing.T) {
	b, stream := small(t)
	header, _, _ := strings.Cut(string(stream), "\n")
	for name, tt := range map[string]struct {
		begin, then string // over and over
		slug        string
		code        kanban.Code
		most        int64 // bytes put aside
	}{
		"zeros":            {"", "\x00", "copy", kanban.Invalid, 0},
		"noise":            {"", "\xff\n", "copy", kanban.Invalid, 0},
		"a line of text":   {"", "x", "copy", kanban.Invalid, 0},
		"the name is used": {header + "\n", "\n", "default", kanban.Conflict, 0},
		"spoiled later":    {header + "\n", "{}\n", "copy", kanban.Invalid, 1 << 20},
		"a later line":     {header + "\n", "x", "copy", kanban.Invalid, maxLine + 1<<20},
	} {
		t.Run(name, func(t *testing.T) {
			aside := &inMemoryFile{}
			files := Files{Keep: keepNothing, Aside: func() (io.ReadWriteSeeker, error) { return aside, nil }}
			_, err := Import(bg, b, ann, io.MultiReader(strings.NewReader(tt.begin), endless(tt.then)), tt.slug, files)
			if kanban.CodeOf(err) != tt.code || int64(len(aside.content)) > tt.most {
				t.Errorf("%v, and %d bytes were put aside", err, len(aside.content))
			}
		})
	}
}

// endless repeats itself.
type endless string

func (e endless) Read(p []byte) (n int, err error) {
	for n+len(e) <= len(p) {
		n += copy(p[n:], e)
	}
	return n, nil
}

// TestImportOfRowsTwice: what a store refuses names its line, too.
func TestImportOfRowsTwice(t *testing.T) {
	_, stream := small(t)
	lines := strings.SplitAfter(string(stream), "\n")
	for _, c := range []struct {
		line                 int
		counted, twice, want string
	}{
		{3, `"task":2`, `"task":3`, "line 4: task t_"},
		{5, `"link":1`, `"link":2`, "line 6: the edge from t_"},
	} {
		twice := strings.Join(lines[:c.line], "") + strings.Join(lines[c.line-1:], "")
		twice = strings.Replace(twice, c.counted, c.twice, 1)
		for name, open := range homes(t) {
			b := open(t)
			_, err := bring(b, reseal([]byte(twice), "", ""), "copy")
			if err == nil || !strings.Contains(err.Error(), c.want) || len(must(b.List(bg, true))(t)) != 1 {
				t.Errorf("%s, line %d: %v", name, c.line, err)
			}
		}
	}
}

// TestG19_ContentsComeAlong in pieces, and must be what their hash says.
func TestG19_ContentsComeAlong(t *testing.T) {
	b, _ := small(t)
	big := bytes.Repeat([]byte("0123456789"), pieceSize/4)
	files := map[string][]byte{}
	bd := must(b.Board(bg, "default"))(t)
	ok(t, bd.Store().Update(bg, func(tx store.Tx) error {
		for path, content := range map[string][]byte{"big": big, "empty": nil, "again": big} {
			sum := sha256.Sum256(content)
			files[hex.EncodeToString(sum[:])] = content
			a := kanban.Artifact{Task: "t_00000001", Run: 1, Path: path, SHA256: hex.EncodeToString(sum[:]), Size: int64(len(content))}
			if err := tx.PutArtifacts([]kanban.Artifact{a}); err != nil {
				return err
			}
		}
		return nil
	}))
	contents := func(sha string) (io.ReadSeekCloser, int64, error) {
		return struct {
			io.ReadSeeker
			io.Closer
		}{bytes.NewReader(files[sha]), io.NopCloser(nil)}, int64(len(files[sha])), nil
	}
	stream := export(t, b, "default", contents)
	got := map[string][]byte{}
	keep := func(ctx context.Context, sha string, content io.Reader) (err error) {
		got[sha], err = io.ReadAll(content)
		return errors.Join(err, keepNothing(ctx, sha, bytes.NewReader(got[sha])))
	}
	must(Import(bg, b, ann, bytes.NewReader(stream), "copy", filesFor(keep)))(t)
	if len(got) != 2 {
		t.Errorf("%d contents", len(got))
	}
	for sha, content := range files {
		if !bytes.Equal(got[sha], content) {
			t.Errorf("%s has %d bytes, not %d", sha, len(got[sha]), len(content))
		}
	}
	forged := reseal(stream, `"data":"MDEy`, `"data":"MTEy`)
	if _, err := Import(bg, b, ann, bytes.NewReader(forged), "forged", filesFor(keep)); kanban.CodeOf(err) != kanban.Invalid || !strings.Contains(err.Error(), "line") {
		t.Errorf("forged: %v", err)
	}
	if _, err := b.Info(bg, "forged"); kanban.CodeOf(err) != kanban.NotFound {
		t.Errorf("a board of a forged stream: %v", err)
	}
}

// FuzzImport: no stream is taken that does not come out again as it is, and none
// makes the program panic.
func FuzzImport(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		for _, stream := range [][]byte{stream, sealed(stream)} {
			b := inMemory()
			if _, err := bring(b, stream, "copy"); err != nil {
				if code := kanban.CodeOf(err); code != kanban.Invalid && code != kanban.Conflict {
					t.Fatalf("code %q: %v", code, err)
				}
				if all := must(b.List(bg, true))(t); len(all) != 1 {
					t.Fatalf("%v, and yet there are boards %v", err, all)
				}
				continue
			}
			first := export(t, b, "copy", nil)
			must(bring(b, first, "again"))(t)
			sameStream(t, first, export(t, b, "again", nil), `"slug":"copy"`, `"slug":"again"`)
		}
	})
}

// sealed gives lines a trailer that fits, so that a fuzzer gets past it.
func sealed(stream []byte) []byte {
	counts := newDecoder(bytes.NewReader(stream))
	for {
		if _, err := counts.next(); err != nil {
			break
		}
	}
	var out bytes.Buffer
	e := newEncoder(&out)
	e.out.Write(stream)
	e.hash.Write(stream)
	e.counts = counts.counts
	if err := e.end(store.LastIDs{}); err != nil {
		panic(err)
	}
	return out.Bytes()
}

func seeds(f *testing.F) [][]byte {
	b := inMemory()
	bd := must(b.Board(bg, "default"))(f)
	task := must(bd.Create(bg, ann, board.NewTask{Title: "first", Assignee: "builder", Key: "k"}))(f).Task
	must(bd.Claim(bg, ann, task.ID, time.Hour, nil))(f)
	must(bd.Comment(bg, ann, task.ID, "hm"))(f)
	stream := export(f, b, "default", nil)
	body := stream[:bytes.LastIndexByte(bytes.TrimSuffix(stream, []byte("\n")), '\n')+1]
	return [][]byte{stream, body, nil, []byte("\xef\xbb\xbf{}\n"), []byte(`{"header":{"format":"andon-export","version":2}}` + "\n")}
}
