package board_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/anishathalye/porcupine"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store/sqlite"
)

// planOf names the variable that makes this test binary a recorder of histories.
const planOf = "ANDON_TEST_PLAN"

func TestMain(m *testing.M) {
	if p := os.Getenv(planOf); p != "" {
		if err := recorder(p, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestG10_HistoriesOfManyProcessesAreLinearizable: the same with clients in four
// processes, each of which has the home open by itself.
func TestG10_HistoriesOfManyProcessesAreLinearizable(t *testing.T) {
	var all []porcupine.Operation
	for i := range *histories {
		dir := t.TempDir()
		p := plan{Dir: dir, Seed: chosen(t, i), Clients: 2, Calls: 80}
		p.Epoch = must(boardOn(defaultBoard(t, dir, sqlite.Options{Shared: true})).Own(bg))(t)
		history := inProcesses(t, p, 4)
		wantLinear(t, history)
		all = append(all, history...)
	}
	wantContested(t, all)
}

// line is one operation as a recorder prints it.
type line struct {
	Client       int
	Input        call
	Output       reply
	Call, Return int64
}

// recorder is a process that opens a board, says so, waits until its input ends,
// and prints what its clients saw.
func recorder(encoded string, start io.Reader, out io.Writer) (err error) {
	var p plan
	if err := json.Unmarshal([]byte(encoded), &p); err != nil {
		return err
	}
	home, err := sqlite.OpenHome(p.Dir, sqlite.Options{Shared: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, home.Close()) }()
	s, err := home.Open(bg, kanban.DefaultBoard)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "ready")
	if _, err := io.Copy(io.Discard, start); err != nil {
		return err
	}
	enc := json.NewEncoder(out)
	for _, o := range p.record(boardOn(s)) {
		if err := enc.Encode(line{o.ClientId, o.Input.(call), o.Output.(reply), o.Call, o.Return}); err != nil {
			return err
		}
	}
	return nil
}

// inProcesses gives a plan to n processes, and lets them loose when all are ready.
func inProcesses(t *testing.T, p plan, n int) []porcupine.Operation {
	t.Helper()
	var recorders []*process
	for i := range n {
		p.First = i * p.Clients
		recorders = append(recorders, startRecorder(t, p))
	}
	for _, r := range recorders {
		ok(t, r.start.Close())
	}
	var all []porcupine.Operation
	for _, r := range recorders {
		for {
			var l line
			if err := r.lines.Decode(&l); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			all = append(all, porcupine.Operation{ClientId: l.Client, Input: l.Input, Output: l.Output, Call: l.Call, Return: l.Return})
		}
		ok(t, r.cmd.Wait())
	}
	return all
}

// process is a recorder that is ready.
type process struct {
	cmd   *exec.Cmd
	start io.Closer
	lines *json.Decoder
}

func startRecorder(t *testing.T, p plan) *process {
	t.Helper()
	encoded := must(json.Marshal(p))(t)
	cmd := exec.CommandContext(t.Context(), must(os.Executable())(t))
	cmd.Env = append(os.Environ(), planOf+"="+string(encoded))
	cmd.Stderr = os.Stderr
	start, out := must(cmd.StdinPipe())(t), must(cmd.StdoutPipe())(t)
	ok(t, cmd.Start())
	r := bufio.NewReader(out)
	if word, err := r.ReadString('\n'); word != "ready\n" {
		t.Fatalf("a recorder said %q: %v", word, err)
	}
	return &process{cmd: cmd, start: start, lines: json.NewDecoder(r)}
}
