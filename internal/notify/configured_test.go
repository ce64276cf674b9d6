package notify

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/internal/config"
)

// kept keeps what it is told to send.
type kept struct{ got []Message }

func (k *kept) Send(_ context.Context, m Message) (Receipt, error) {
	k.got = append(k.got, m)
	return Receipt{Ref: "1"}, nil
}

func TestATemplateWritesTheMessage(t *testing.T) {
	done := Message{Text: "usual", Head: "t_1 is done", Detail: "good", Task: Task{ID: "t_1", Title: "Fix\u202e it"}, Event: Event{Kind: "completed"}}
	sink := &kept{}
	c := Configure(sink, config.Sink{Templates: map[string]string{
		"completed": "{{.Task.Title}} ({{.Event.Payload.nothing}})\n{{.Detail}}", "blocked": "{{if .Link}}{{.Link}}{{end}}",
	}})
	blocked := Message{Text: "usual", Head: "t_2 asks", Event: Event{Kind: "blocked"}}
	for _, m := range []Message{done, blocked, {Head: "2 messages", Items: []Message{done, blocked}}} {
		if _, err := c.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	var lines [][]string
	for _, m := range sink.got {
		lines = append(lines, m.Lines(100))
	}
	want := [][]string{{"Fix  it ()", "good"}, {"t_2 asks"}, {"2 messages", "- Fix  it ()", "- t_2 asks"}}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	if m := sink.got[0]; m.Text != "Fix\u202e it ()\ngood" || m.Head != "" {
		t.Errorf("%q, %q", m.Text, m.Head)
	}
}

func TestATemplateThatFailsParksTheMessage(t *testing.T) {
	c := Configure(&kept{}, config.Sink{Templates: map[string]string{"completed": "{{index .Event.Payload.list 7}}"}})
	m := Message{Event: Event{Kind: "completed", Payload: map[string]any{"list": []any{}}}}
	_, err := c.Send(t.Context(), m)
	if f, ok := err.(*Failure); !ok || !f.Permanent || !strings.HasPrefix(err.Error(), "the template for completed fails: ") { //nolint:errorlint // made here
		t.Error(err)
	}
}

// What config tries a template on has the fields of a message.
func TestASampleIsLikeAMessage(t *testing.T) {
	var alike func(path string, sample, real reflect.Type)
	alike = func(path string, sample, real reflect.Type) {
		for f := range sample.Fields() {
			in, found := real.FieldByName(f.Name)
			switch {
			case !found || in.Type.Kind() != f.Type.Kind():
				t.Errorf("%s.%s is not in a message", path, f.Name)
			case strings.HasPrefix(f.Type.Name(), "Told"):
				alike(path+"."+f.Name, f.Type, in.Type)
			}
		}
	}
	alike("", reflect.TypeFor[config.Told](), reflect.TypeFor[Message]())
}
