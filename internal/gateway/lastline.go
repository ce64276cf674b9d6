package gateway

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/andon-dev/andon/internal/dispatch"
	"github.com/andon-dev/andon/internal/worker"
	"github.com/andon-dev/andon/internal/worker/preset"
)

const (
	lastPart = 8 << 10 // bytes of a log's end in which its last line is looked for
	longest  = 200     // bytes of such a line
	manyLogs = 1000    // whose last lines are remembered
)

// lastLines knows the last line of each log that was asked for, until the log
// grows.
type lastLines struct {
	mu   sync.Mutex
	logs map[string]lastLine // by folder of the run
}

type lastLine struct {
	size int64
	at   time.Time
	text string
}

// lastLine is the last line of a run's output that says something, and when the
// output grew last. What cannot be read says nothing.
func (a *app) lastLine(slug string, run int64) (string, time.Time) {
	dir := filepath.Join(a.paths.Runs, slug+"."+strconv.FormatInt(run, 10))
	info, err := os.Stat(filepath.Join(dir, worker.LogFile))
	if err != nil {
		return "", time.Time{}
	}
	a.last.mu.Lock()
	defer a.last.mu.Unlock()
	known, found := a.last.logs[dir]
	if found && known.size == info.Size() && known.at.Equal(info.ModTime()) {
		return known.text, known.at
	}
	if a.last.logs == nil || len(a.last.logs) >= manyLogs {
		a.last.logs = map[string]lastLine{}
	}
	now := lastLine{info.Size(), info.ModTime(), known.text}
	if text := readLastLine(dir); text != "" {
		now.text = text
	}
	a.last.logs[dir] = now
	return now.text, now.at
}

func readLastLine(dir string) string {
	log := worker.OpenLog(dir)
	start, end, err := log.Bounds()
	if err != nil {
		return ""
	}
	from := max(start, end-lastPart)
	raw := make([]byte, end-from)
	n, _ := log.ReadAt(raw, from) // what there is
	text := string(raw[:n])
	if p, agent := preset.Named(dispatch.PresetOf(dir)); agent {
		var said strings.Builder
		stream := p.Stream(func(e preset.Entry) { said.WriteString(e.Text + "\n") })
		if _, rest, cut := strings.Cut(text, "\n"); cut && from > 0 {
			text = rest
		}
		stream.Write([]byte(text), time.Now())
		text = said.String()
	}
	return lastOf(text)
}

// escapes are what terminals are told between the words.
var escapes = regexp.MustCompile(`\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[@-Z\\-_])`)

// lastOf is the last line of a text that says something, without what is meant
// for terminals.
func lastOf(text string) string {
	lines := strings.FieldsFunc(escapes.ReplaceAllString(text, ""), func(c rune) bool { return c == '\n' || c == '\r' })
	for i := len(lines) - 1; i >= 0; i-- {
		line := strings.TrimSpace(strings.Map(func(c rune) rune {
			if c == '\t' {
				return ' '
			}
			if unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) || c == utf8.RuneError {
				return -1
			}
			return c
		}, lines[i]))
		if line != "" {
			return cut(line, longest)
		}
	}
	return ""
}

// cut keeps whole characters of a text's first bytes.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	text = text[:limit]
	for !utf8.ValidString(text) {
		text = text[:len(text)-1]
	}
	return text
}
