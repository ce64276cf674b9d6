package config

import (
	"errors"
	"io"
	"strings"
	"text/template"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

// Told is what the template of a sink can name: the message that it writes anew.
type Told struct {
	Key, Board         string
	Task               ToldTask
	Event              ToldEvent
	Text               string // the usual words
	Head, Detail, Next string // and their parts
	Attention          bool   // somebody has to act
	Link               string // the task in the dashboard; may be empty
	Target, Thread     string
}

// ToldTask is the task of a message.
type ToldTask struct{ ID, Title, Status, Assignee string }

// ToldEvent is what happened.
type ToldEvent struct {
	ID      int64
	Kind    string
	Run     int64
	Payload map[string]any
	At      time.Time
}

// ParseTemplate reads the text of a template. What it writes is plain text.
func ParseTemplate(text string) (*template.Template, error) {
	return template.New("template").Option("missingkey=zero").Parse(text)
}

// templates reads templates by kind of event, and tries each on a sample.
func (r *reader) templates(into *map[string]string) read {
	return named(r, into, checkKind, func(kind string, _ value, item *string) read {
		return func(v value) {
			text, ok := r.scalar(v)
			if !ok {
				return
			}
			if err := tryTemplate(kind, text); err != nil {
				r.refuse(v.place(), "a text/template over the message, such as \"{{.Head}}: {{.Detail}}\"; see docs/notifications.md", "%s: %v", v.path, err)
				return
			}
			*item = text
		}
	})
}

func checkKind(s string) error {
	for _, kind := range kanban.EventKinds {
		if s == string(kind) {
			return nil
		}
	}
	kinds := make([]string, len(kanban.EventKinds))
	for i, kind := range kanban.EventKinds {
		kinds[i] = string(kind)
	}
	if near := kanban.Nearest(s, kinds); near != "" {
		return errors.New("a kind of event; did you mean " + near + "?")
	}
	return errors.New("a kind of event, such as completed, blocked or review")
}

func tryTemplate(kind, text string) error {
	t, err := ParseTemplate(text)
	if err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "template: "))
	}
	var out strings.Builder
	if err := t.Option("missingkey=error").Execute(&limited{&out}, sample(kind)); err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "template: "))
	}
	if strings.TrimSpace(out.String()) == "" {
		return errors.New("it writes nothing")
	}
	return nil
}

const maxTemplate = 64 << 10 // bytes that a template may write

// limited is a writer that takes so much and no more.
type limited struct{ *strings.Builder }

// Write implements io.Writer.
func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > maxTemplate {
		return 0, io.ErrShortWrite
	}
	return l.Builder.Write(p)
}

func sample(kind string) Told {
	return Told{
		Key: "default-ops-1042", Board: "default",
		Task: ToldTask{ID: "t_1f3a9c20", Title: "Fix the login", Status: "blocked", Assignee: "builder"},
		Event: ToldEvent{
			ID: 1042, Kind: kind, Run: 17, At: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
			Payload: map[string]any{"kind": "needs_input", "reason": "Which port?", "summary": "All tests pass", "error": "exit status 1", "note": "half way"},
		},
		Text: `t_1f3a9c20 "Fix the login" (builder) asks: Which port? Answer it: andon answer t_1f3a9c20 TEXT`,
		Head: `t_1f3a9c20 "Fix the login" (builder) asks`, Detail: "Which port?", Next: "Answer it: andon answer t_1f3a9c20 TEXT",
		Attention: true, Link: "https://andon.example.org/",
	}
}
