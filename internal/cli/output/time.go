package output

import (
	"fmt"
	"time"
)

// Time shows a moment: how long ago on a terminal or in a chat, else a stamp. A zero or nil
// time is a dash.
func (p *Printer) Time(t *time.Time) string {
	if t == nil || t.IsZero() {
		return "-"
	}
	if !p.relative() {
		return p.Stamp(*t)
	}
	if d := p.Now().Sub(*t); d >= 0 {
		return Span(d) + " ago"
	} else {
		return "in " + Span(-d)
	}
}

func (p *Printer) relative() bool { return p.TTY || p.Narrow }

// Stamp is a moment in local time, or in UTC if asked.
func (p *Printer) Stamp(t time.Time) string {
	if p.UTC {
		return t.UTC().Format("2006-01-02 15:04:05Z")
	}
	return t.Local().Format("2006-01-02 15:04:05")
}

// Age is Time for a column of moments that are past, and its header.
func (p *Printer) Age(t time.Time) string {
	if !p.relative() {
		return p.Stamp(t)
	}
	return Span(max(p.Now().Sub(t), 0))
}

// AgeHeader is the header of a column of ages.
func (p *Printer) AgeHeader() string {
	if p.relative() {
		return "AGE"
	}
	return "CREATED"
}

// Span is a duration in at most two units, as people say it.
func Span(d time.Duration) string {
	switch {
	case d < time.Second:
		return "0s"
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < 10*time.Minute:
		return fmt.Sprintf("%dm%02ds", d/time.Minute, d%time.Minute/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh%02dm", d/time.Hour, d%time.Hour/time.Minute)
	case d < 100*24*time.Hour:
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	}
	return fmt.Sprintf("%dw", d/(7*24*time.Hour))
}
