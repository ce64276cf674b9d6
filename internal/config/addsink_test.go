package config

import (
	"strings"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
)

var phone = [][2]string{{"type", "telegram"}, {"token_file", "phone token.txt"}, {"listen", "true"}}

const phoneText = `phone: {type: telegram, token_file: "phone token.txt", listen: true}`

func TestAddSink(t *testing.T) {
	for before, after := range map[string]string{
		"":            "notify:\n  sinks:\n    " + phoneText + "\n",
		"lanes: {}\n": "lanes: {}\nnotify:\n  sinks:\n    " + phoneText + "\n",
		"notify:\n  sinks:\n    # ours\n    log: {type: file, path: /x} # keep\nlanes: {}\n": "notify:\n  sinks:\n    # ours\n    log: {type: file, path: /x} # keep\n    " + phoneText + "\nlanes: {}\n",
		"notify: {sinks: {log: {type: file, path: /x}}}\n":                                   "notify: {sinks: {log: {type: file, path: /x}, " + phoneText + "}}\n",
		"# notify:\n#   sinks: {}\n":                                                         "# notify:\n#   sinks: {}\nnotify:\n  sinks:\n    " + phoneText + "\n",
	} {
		got, err := AddSink([]byte(before), "phone", phone)
		if err != nil || string(got) != after {
			t.Errorf("%s\nbecame\n%s(%v), want\n%s", before, got, err, after)
		}
	}
}

func TestAddSinkRefuses(t *testing.T) {
	for _, c := range []struct {
		before, name string
		keys         [][2]string
		want         kanban.Code
		words        string
	}{
		{"notify: {sinks: {phone: {type: file, path: /x}}}", "phone", phone, kanban.Conflict, "there is a sink phone"},
		{"", "My Phone", phone, kanban.Invalid, "cannot be the name"},
		{"", "phone", phone[:1], kanban.Invalid, "has no token_file"},
		{"nonsense: 1", "phone", phone, kanban.Invalid, "unknown key"},
	} {
		_, err := AddSink([]byte(c.before), c.name, c.keys)
		if kanban.CodeOf(err) != c.want || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%q: %v", c.before, err)
		}
	}
}
