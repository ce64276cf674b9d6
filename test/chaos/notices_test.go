//go:build linux

package chaos

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/andon-dev/andon/client"
)

// told is which kind of event goes to which sink, on the whole board.
var told = map[string]string{"hook": "completed", "paper": "blocked"}

func (h *home) subscribe() {
	for sink, kind := range told {
		s := client.SubscriptionCreate{Sink: sink, Kinds: []string{kind}}
		if _, err := h.api.Subscribe(context.Background(), board, s); err != nil {
			h.Fatal(err)
		}
	}
}

// checkNotices expects every event that was subscribed to at each sink: at least
// once, in order per task, and with one key however often (G20).
func (h *home) checkNotices() {
	h.hook.mu.Lock()
	defer h.hook.mu.Unlock()
	h.checkSink("hook", h.hook.got)
	h.checkSink("paper", h.paper())
	if parked := h.sql("select count(*) from andon_outbox where state = 'parked'"); parked != "0" {
		h.Errorf("G20: %s messages are parked: %s", parked, h.sql("select error from andon_outbox where state = 'parked' limit 1"))
	}
}

func (h *home) checkSink(sink string, got []message) {
	keys, last := map[int64]string{}, map[string]int64{}
	for _, m := range got {
		switch key, again := keys[m.Event.ID]; {
		case again && key != m.Key:
			h.Errorf("G20: %s got event %d as %s and as %s", sink, m.Event.ID, key, m.Key)
		case again:
			h.tally.add("seen messages repeated", 1)
		case m.Event.ID < last[m.Task.ID]:
			h.Errorf("G20: %s got event %d of %s after event %d", sink, m.Event.ID, m.Task.ID, last[m.Task.ID])
		}
		keys[m.Event.ID] = m.Key
		last[m.Task.ID] = max(last[m.Task.ID], m.Event.ID)
	}
	var missing []string
	for id := range strings.Lines(h.sql(fmt.Sprintf("select id from task_events where kind = '%s'", told[sink]))) {
		n, err := strconv.ParseInt(strings.TrimSpace(id), 10, 64)
		if err == nil && keys[n] == "" {
			missing = append(missing, fmt.Sprintf("%s was never told of event %d", sink, n))
		}
	}
	h.condemn("lost", missing...)
	h.tally.add("seen messages delivered", len(keys))
}

// paper reads what the file sink wrote. A line that a full disk cut off was
// written again.
func (h *home) paper() (got []message) {
	text, err := os.ReadFile(filepath.Join(h.dir, "paper"))
	if err != nil {
		h.Error(err)
	}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		var m message
		if json.Unmarshal(lines.Bytes(), &m) == nil {
			got = append(got, m)
		}
	}
	return got
}

// checkFollower expects a stream that went on from its last id, over all deaths
// of the gateway and of the follower, to have seen every event once and in order
// (G21).
func (h *home) checkFollower(way string) {
	seen, err := followed(h.followedPath(way))
	if err != nil || len(seen) == 0 {
		h.Errorf("G21: the %s saw %d events: %v", way, len(seen), err)
		return
	}
	var want []int64
	for id := range strings.Lines(h.sql(fmt.Sprintf("select id from task_events where id <= %d order by id", seen[len(seen)-1]))) {
		n, err := strconv.ParseInt(strings.TrimSpace(id), 10, 64)
		if err != nil {
			h.Error(err)
		}
		want = append(want, n)
	}
	h.tally.add("seen events by "+way, len(seen))
	if !slices.Equal(seen, want) {
		at := 0
		for at < min(len(seen), len(want)) && seen[at] == want[at] {
			at++
		}
		h.condemn("lost", fmt.Sprintf("the %s saw %d events and there are %d; they differ from number %d on", way, len(seen), len(want), at))
	}
}
