package notify

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// FuzzCompose: any event makes a message of one short line without control
// characters, which can be sent as JSON and shows no lock.
func FuzzCompose(f *testing.F) {
	f.Add("blocked", `{"kind":"needs_input","reason":"which\none?"}`, "a title")
	f.Add("completed", `{"approved":true,"summary":"\u001b[31mred"}`, "")
	f.Add("claimed", `{"lock":"vm:1:x","claim_lock":1,"title":["x"]}`, "\x00")
	f.Add("no such kind", `{"kind":{}}`, "\u202egnp.exe")
	f.Add("heartbeat\r\nX: y", `{"note":"`+strings.Repeat("é", 1000)+`"}`, strings.Repeat("x", 500))
	f.Add("gave_up", `null`, "ID ANDON")
	f.Fuzz(func(t *testing.T, kind, payload, title string) {
		var fields map[string]any
		if json.Unmarshal([]byte(payload), &fields) != nil {
			return
		}
		d := board.Outgoing{Task: kanban.Task{ID: "t_1f3a9c20", Title: title, Assignee: title}}
		d.Event = kanban.Event{ID: 7, Task: "t_1f3a9c20", Kind: kanban.EventKind(kind), Payload: fields}
		m := compose("ops", store.Destination{ID: 3}, d)
		for _, r := range m.Text {
			if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control) {
				t.Fatalf("the text %q holds %q", m.Text, r)
			}
		}
		if n := len([]rune(m.Text)); n == 0 || n > 1000 {
			t.Fatalf("the text has %d letters", n)
		}
		for _, key := range locks {
			if _, shown := m.Event.Payload[key]; shown {
				t.Fatalf("%s is shown", key)
			}
		}
		if _, err := json.Marshal(m); err != nil {
			t.Fatal(err)
		}
	})
}
