package dispatch

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store/memory"
	"github.com/andon-dev/andon/internal/worker"
)

// FuzzResult: whatever a worker leaves in its result file, its word is taken as
// a whole or not at all, and only its own task is touched.
func FuzzResult(f *testing.F) {
	for _, raw := range []string{
		`{"status":"done","summary":"all green","metadata":{"tests":12},"artifacts":["out/report.md"]}`,
		`{"status":"blocked","reason":"which one?","kind":"needs_input"}`,
		`{"status":"blocked","kind":"no such kind"}`,
		`{"status":"review","summary":" "}`,
		`{"status":"done","metadata":[1]}`,
		`{"status":"done","metadata":null,"created_cards":["t_00000001"]}`,
		`{"status":"done","run":99}`,
		`{"status":"done","run":1,"token":"forged"}`,
		`{"status":"done","artifacts":["../../etc/passwd"]}`,
		`{"status":"done","summ`, "", " \n", "null", "[]", `"done"`, "\xff\xfe", `{"status":{}}`, `{"status":"done","status":"blocked"}`,
		`{"status":"done","summary":"\ud800"}`, `{"status":"done"}{"status":"blocked"}`,
	} {
		f.Add([]byte(raw), "the last line")
	}
	f.Add([]byte(`{"status":"done"}`), "\x1b[31m\xff\n\n")
	f.Fuzz(func(t *testing.T, raw []byte, log string) {
		ctx := context.Background()
		b := board.New(kanban.DefaultBoard, memory.New(), board.Ports{
			Clock: time.Now, Random: rand.Reader, Work: nothingKept{},
			Settings: func() board.Settings {
				return board.Settings{Retry: policy.Retry{MaxAttempts: 2}, Lease: time.Minute}
			},
		})
		human := kanban.Actor{Kind: kanban.Human, Name: "ann"}
		own, other := newTask(t, b, human), newTask(t, b, human)
		claimed, err := b.Claim(ctx, human, own.ID, 0, func(kanban.Task) (string, string) { return t.TempDir(), "" })
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		r := &run{board: b, row: claimed.Run, folder: folder(dir), terms: terms{DoneWhen: config.DoneOnExit}}
		leave(t, dir, resultFile, raw)
		leave(t, dir, worker.LogFile, []byte(log))
		if tail := r.tail(); !utf8.ValidString(tail) || utf8.RuneCountInString(tail) > 1000 {
			t.Fatalf("the last line of the log: %q", tail)
		}

		said, err := r.word(worker.Exit{Reason: worker.Exited})
		if err == nil && said != nil {
			err = said(ctx)
		}
		after := show(t, b, own.ID)
		accepted := err == nil && said != nil
		if running := after.Status == kanban.Running; running == accepted {
			t.Fatalf("the task is %s after %v", after.Status, err)
		}
		if got := show(t, b, other.ID); got.Status != other.Status || got.Version != other.Version {
			t.Fatalf("the other task is %+v", got)
		}
	})
}

// FuzzTerms: of the terms that a torn write left, either all are read or none
// count; and what is read can be written again.
func FuzzTerms(f *testing.F) {
	for _, raw := range []string{
		`{"supervisor":{"pid":7,"start":9,"boot":"b"},"lane":"l","done_when":"exit","on_silent_exit":"block","stall_timeout":300000000000}`,
		`{"lane":"l","stall_timeo`, "", "null", "[]", `{"stall_timeout":1e300}`, `{"stall_timeout":-1}`, `{"done_when":7}`, "\x00\x00\x00\x00",
	} {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		dir := t.TempDir()
		leave(t, dir, termsFile, raw)
		got, err := loadTerms(folder(dir))
		if err != nil {
			return
		}
		if err := got.save(folder(dir)); err != nil {
			t.Fatal(err)
		}
		if again, err := loadTerms(folder(dir)); err != nil || !reflect.DeepEqual(again, got) {
			t.Fatalf("%+v became %+v (%v)", got, again, err)
		}
	})
}

// nothingKept refuses every artifact, as a workspace without files does.
type nothingKept struct{}

func (nothingKept) Diff(context.Context, kanban.Task, kanban.Run, string, string, bool, int) ([]byte, bool, error) {
	return nil, false, nil
}

func (nothingKept) Head(context.Context, kanban.Task, kanban.Run) (string, error) { return "", nil }

func (nothingKept) Commit(context.Context, kanban.Task, kanban.Run, string) (string, error) {
	return "", nil
}

func (nothingKept) Keep(_ context.Context, _ kanban.Run, paths []string) ([]kanban.Artifact, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	return nil, kanban.Errorf(kanban.Invalid, "artifacts: %q", paths)
}

func newTask(t *testing.T, b *board.Board, a kanban.Actor) kanban.Task {
	t.Helper()
	made, err := b.Create(context.Background(), a, board.NewTask{Title: "x", Assignee: "builder"})
	if err != nil {
		t.Fatal(err)
	}
	return made.Task
}

func show(t *testing.T, b *board.Board, id string) kanban.Task {
	t.Helper()
	details, err := b.Show(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return details.Task
}

func leave(t *testing.T, dir, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
		t.Fatal(err)
	}
}
