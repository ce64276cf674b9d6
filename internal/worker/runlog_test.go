//go:build linux || darwin

package worker

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLogIsBoundedAndKeepsTheNewest(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		limit int64
		chunk int // bytes per write
	}{
		"lines":              {limit: 4 << 10, chunk: 10},
		"many lines at once": {limit: 4 << 10, chunk: 64 << 10},
		"torn lines":         {limit: 4 << 10, chunk: 333},
		"tiny":               {limit: 64, chunk: 100},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), LogFile)
			log := newRunLog(path, test.limit)
			var text strings.Builder
			for i := range 2000 {
				fmt.Fprintf(&text, "line %4d\n", i)
			}
			for rest := text.String(); rest != ""; {
				n := min(test.chunk, len(rest))
				if _, err := log.Write([]byte(rest[:n])); err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
				if size := fileSize(t, path) + fileSize(t, path+".1"); size > test.limit {
					t.Fatalf("%d bytes", size)
				}
			}
			if err := log.lost(); err != nil {
				t.Error(err)
			}
			old, _ := os.ReadFile(path + ".1")
			now, err := os.ReadFile(path)
			if err != nil || !strings.HasSuffix(text.String(), string(old)+string(now)) {
				t.Errorf("%v; not the end of what was written:\n%s%s", err, old, now)
			}
		})
	}
}

func TestLogWithoutLimitKeepsAll(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), LogFile)
	log := newRunLog(path, 0)
	for range 100 {
		_, _ = log.Write(make([]byte, 10<<10))
	}
	if got := fileSize(t, path); got != 1000<<10 {
		t.Errorf("%d bytes", got)
	}
}

func TestLogGoesOnWhenItsFolderIsBack(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "later")
	log := newRunLog(filepath.Join(dir, LogFile), 0)
	_, _ = log.Write([]byte("lost\n"))
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	_, _ = log.Write([]byte("kept\n"))
	if got, _ := os.ReadFile(filepath.Join(dir, LogFile)); string(got) != "kept\n" {
		t.Errorf("got %q", got)
	}
	if err := log.lost(); err == nil || !strings.HasPrefix(err.Error(), "5 bytes of output were not kept: ") {
		t.Errorf("got %v", err)
	}
}

func TestFloodIsBoundedWhileTheWorkerRuns(t *testing.T) {
	t.Parallel()
	r := newRun(t, `seq 2000000; echo flooded >$TELL; echo the end`)
	r.order.LogLimit = 256 << 10
	r.start()
	r.hear()
	path := filepath.Join(r.dir, LogFile)
	if size := fileSize(t, path) + fileSize(t, path+".1"); size > r.order.LogLimit {
		t.Errorf("%d bytes while it runs", size)
	}
	exit := r.end()
	if size := fileSize(t, path) + fileSize(t, path+".1"); size > r.order.LogLimit || size < r.order.LogLimit/2 {
		t.Errorf("%d bytes at the end", size)
	}
	if len(exit.Notes) > 0 || !strings.HasSuffix(r.log(), "2000000\nthe end\n") {
		t.Errorf("notes %q, log ends with %q", exit.Notes, r.log()[max(0, len(r.log())-50):])
	}
	old, err := os.Open(path + ".1")
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	var last string
	for lines := bufio.NewScanner(old); lines.Scan(); {
		last = lines.Text()
	}
	first, _, _ := strings.Cut(r.log(), "\n")
	var a, b int
	if _, err := fmt.Sscan(last+" "+first, &a, &b); err != nil || b != a+1 {
		t.Errorf("%q is followed by %q, %v", last, first, err)
	}
}

func fileSize(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if os.IsNotExist(err) {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// A line of Andon's own stands between lines of the worker's, never within one.
func TestNotesStandBetweenLines(t *testing.T) {
	log := newRunLog(filepath.Join(t.TempDir(), LogFile), 0)
	log.note("at once")
	fmt.Fprint(log, `{"half":`)
	log.note("first")
	log.note("second")
	fmt.Fprint(log, " 1")
	fmt.Fprint(log, "}\nnext ")
	log.note("third")
	if err := log.lost(); err != nil {
		t.Error(err)
	}
	got, err := os.ReadFile(log.path)
	if want := "at once\n{\"half\": 1}\nfirst\nsecond\nnext \nthird\n"; err != nil || string(got) != want {
		t.Errorf("%q, %v", got, err)
	}
}
