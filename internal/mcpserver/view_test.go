package mcpserver_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/andon-dev/andon/client"
)

// An answer has a size that a model can take, however much there is to tell, and
// says what it leaves out.
func TestShowIsBounded(t *testing.T) {
	h := newHouse(t)
	long := func(what string, n int) string { return what + " " + strings.Repeat("wörter ", n/8) }
	var parents []string
	for i := range 60 {
		p := h.add(long(fmt.Sprint("parent ", i), 300))
		meta := json.RawMessage(fmt.Sprintf(`{"x":%q}`, long("fact", 20_000)))
		must(h.Complete(bg, "default", p.ID, client.Handoff{Summary: long("summary", 20_000), Metadata: meta}))(t)
		parents = append(parents, p.ID)
	}
	task := must(h.CreateTask(bg, "default", client.TaskCreate{Title: "much", Body: long("body", 100_000), Assignee: "builder", Parents: parents}))(t).ID
	for i := range 20 {
		w := h.claim(task)
		w.does("block", args{"question": long(fmt.Sprint("question ", i), 2000)})
		for j := range 10 {
			must(h.AddComment(bg, "default", task, long(fmt.Sprint("comment ", i, j), 3000)))(t)
		}
		must(h.Unblock(bg, "default", task, ""))(t)
	}
	w := h.claim(task)
	for range 120 {
		w.does("create", args{"title": long("child", 300), "parents": []string{task}})
	}
	for detail, limit := range map[string]int{"brief": 16_000 + 8_000, "full": 64_000} { // the children of one's own come beside the context
		texts, failed := w.call("show", args{"detail": detail})
		size := len(strings.Join(texts, ""))
		if failed || size > limit || size < limit/10 {
			t.Errorf("%s: %d bytes in %d texts", detail, size, len(texts))
		}
		if whole := strings.Join(texts, ""); !strings.Contains(whole, "omitted") || !strings.Contains(whole, "question 19") {
			t.Errorf("%s does not tell that something is left out, or not the newest: %.300s", detail, whole)
		}
	}
	o := h.orchestrator()
	for _, id := range []string{task, parents[0]} {
		if texts, _ := o.call("show", args{"task": id}); len(texts) != 1 || len(texts[0]) > 16_000 {
			t.Errorf("of another task: %d bytes", len(texts[0]))
		}
	}
}

// Nothing is said twice in one answer.
func TestShowRepeatsNothing(t *testing.T) {
	h := newHouse(t)
	parent := h.add("the-parent")
	must(h.Complete(bg, "default", parent.ID, client.Handoff{Summary: "the-summary", Metadata: json.RawMessage(`{"k":"the-metadata"}`)}))(t)
	task := must(h.CreateTask(bg, "default", client.TaskCreate{Title: "the-title", Body: "the-body", Assignee: "builder", Parents: []string{parent.ID}}))(t).ID
	must(h.AddComment(bg, "default", task, "the-comment"))(t)
	h.claim(task).does("block", args{"question": "the-question", "options": []string{"the-option"}, "metadata": args{"f": "the-fact"}})
	must(h.Answer(bg, "default", task, "the-answer"))(t)
	w := h.claim(task)
	for detail, all := range map[string][]string{
		"brief": {"the-title", "the-body", "the-parent", "the-summary", "the-metadata", "the-comment", "the-question", "the-fact", "the-answer"},
		"full":  {"the-title", "the-body", "the-comment", "the-question", "the-fact", "the-answer"},
	} {
		texts, _ := w.call("show", args{"detail": detail})
		for _, word := range all {
			if n := strings.Count(strings.Join(texts, ""), word); n != 1 {
				t.Errorf("%s says %s %d times", detail, word, n)
			}
		}
	}
}
