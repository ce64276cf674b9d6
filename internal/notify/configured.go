package notify

import (
	"context"
	"fmt"
	"strings"
	"text/template"

	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
)

// Configured is a sink with what andon.yaml says about its messages.
type Configured struct {
	Sink
	templates map[kanban.EventKind]*template.Template
	err       error // of the templates
}

// Configure wraps a sink. Templates that cannot be read are an error of each
// message: config.Load refuses them, so they are a fault of ours.
func Configure(s Sink, of config.Sink) *Configured {
	c := &Configured{Sink: s, templates: map[kanban.EventKind]*template.Template{}}
	for kind, text := range of.Templates {
		t, err := config.ParseTemplate(text)
		if err != nil {
			c.err = Permanent(fmt.Errorf("the template for %s cannot be used: %w", kind, err))
		}
		c.templates[kanban.EventKind(kind)] = t
	}
	return c
}

// Send implements Sink: it writes the message anew if there is a template for its
// kind.
//
// Errors: those of the sink; permanent if a template fails.
func (c *Configured) Send(ctx context.Context, m Message) (Receipt, error) {
	if c.err != nil {
		return Receipt{}, c.err
	}
	var err error
	if m, err = c.written(m); err != nil {
		return Receipt{}, err
	}
	items := make([]Message, len(m.Items))
	for i, item := range m.Items {
		if items[i], err = c.written(item); err != nil {
			return Receipt{}, err
		}
	}
	if len(items) > 0 {
		m.Items = items
	}
	if m.Before != nil {
		before, err := c.written(*m.Before)
		if err != nil {
			return Receipt{}, err
		}
		m.Before = &before
	}
	return c.Sink.Send(ctx, m)
}

const maxWritten = 64 << 10 // bytes of a template's text that are kept

func (c *Configured) written(m Message) (Message, error) {
	t := c.templates[m.Event.Kind]
	if t == nil {
		return m, nil
	}
	var out strings.Builder
	if err := t.Execute(&out, m); err != nil {
		return m, Permanent(fmt.Errorf("the template for %s fails: %w", m.Event.Kind, err))
	}
	text := strings.TrimSpace(strings.ReplaceAll(out.String(), "<no value>", ""))
	if text == "" {
		return m, nil // better the usual words than none
	}
	m.Text = strings.ToValidUTF8(text[:min(len(text), maxWritten)], "")
	m.Head, m.Detail, m.Next = "", "", "" // they would be shown beside it
	return m, nil
}
