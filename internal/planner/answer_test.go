package planner

import (
	"errors"
	"strings"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
)

const good = `{"rationale": "r", "title": null, "body": " b ", "assignee": "tester", "tasks": [
	{"key": "a", "title": " A ", "body": "x", "assignee": "builder", "parents": []},
	{"key": "b", "title": "B", "body": "y", "assignee": "builder", "parents": ["a"]}]}`

func TestParse(t *testing.T) {
	for name, text := range map[string]string{
		"bare":          good,
		"fenced":        "```\n" + good + "\n```",
		"fenced json":   " ```json\n" + good + "\n```\n",
		"without tasks": `{"title": "t"}`,
	} {
		p, err := Parse(kanban.Decompose, text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(text, "tasks") && (len(p.Children) != 2 || p.Children[0].Title != "A" || p.Body != "b" || p.Title != "" || p.Children[1].Parents[0] != "a") {
			t.Errorf("%s: %+v", name, p)
		}
	}
	for name, tt := range map[string]struct {
		text, want string
	}{
		"nothing":          {"", "empty"},
		"only blanks":      {" \n ", "empty"},
		"prose":            {"I would split it into two tasks.", "not the JSON"},
		"prose before":     {"Here it is:\n" + good, "not the JSON"},
		"prose after":      {good + "\nHope it helps!", "goes on"},
		"prose around":     {"Sure:\n```json\n" + good + "\n```", "not the JSON"},
		"an open fence":    {"```json\n" + good, "not the JSON"},
		"two objects":      {good + good, "goes on"},
		"cut off":          {good[:100], "not the JSON"},
		"an array":         {"[" + good + "]", "not the JSON"},
		"a text":           {`"do it"`, "not the JSON"},
		"an unknown key":   {`{"title": "t", "sudo": true}`, "sudo"},
		"a nested unknown": {`{"tasks": [{"key": "a", "run": "rm"}]}`, "run"},
		"wrong types":      {`{"tasks": "none"}`, "not the JSON"},
		"indices":          {`{"tasks": [{"key": "a", "parents": [0]}]}`, "not the JSON"},
	} {
		_, err := Parse(kanban.Decompose, tt.text)
		var trouble *Trouble
		if !errors.As(err, &trouble) || !strings.Contains(trouble.Reason, tt.want) || trouble.Final {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Parse(kanban.Specify, good); err == nil {
		t.Error("a specification with tasks was taken")
	}
}

// FuzzParse: what is taken is a plan that Check can judge, and a fence around it
// changes nothing.
func FuzzParse(f *testing.F) {
	for _, s := range []string{good, `{"title": "t"}`, "```json\n{}\n```", `{"tasks": [null]}`, `{"tasks": [{"parents": null}]}`, "null", "{}{}", `{"title": "\ud800"}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(kanban.Decompose, text)
		if err != nil {
			var trouble *Trouble
			if !errors.As(err, &trouble) {
				t.Fatalf("%T", err)
			}
			return
		}
		_ = p.Check(kanban.Decompose, 6) // must not panic
		if inner := strings.TrimSpace(text); !strings.HasPrefix(inner, "```") {
			again, err := Parse(kanban.Decompose, "```json\n"+inner+"\n```")
			if err != nil || len(again.Children) != len(p.Children) || again.Title != p.Title {
				t.Fatalf("fenced: %+v %v", again, err)
			}
		}
	})
}
