package cmdutil

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

// Duration is a flag: a number of seconds, or a number with s, m, h or d, or
// what Go writes, such as 1h30m. It is positive; zero means that it was not
// given.
type Duration time.Duration

// String implements pflag.Value.
func (d *Duration) String() string {
	if *d == 0 {
		return ""
	}
	return time.Duration(*d).String()
}

// Type implements pflag.Value.
func (*Duration) Type() string { return "duration" }

// Set implements pflag.Value.
func (d *Duration) Set(s string) error {
	v, err := ParseDuration(s)
	*d = Duration(v)
	return err
}

// Cost is a flag: an amount of dollars, such as 5USD, kept in micro-dollars.
type Cost int64

// String implements pflag.Value.
func (c *Cost) String() string {
	if *c == 0 {
		return ""
	}
	return kanban.FormatCost(int64(*c))
}

// Dollars is the amount as the API takes it.
func (c Cost) Dollars() float64 { return kanban.Dollars(int64(c)) }

// Type implements pflag.Value.
func (*Cost) Type() string { return "amount" }

// Set implements pflag.Value.
func (c *Cost) Set(s string) error {
	n, err := kanban.ParseCost(s)
	*c = Cost(n)
	return err
}

// Tokens is a flag: a number of tokens, such as 500k.
type Tokens int64

// String implements pflag.Value.
func (t *Tokens) String() string {
	if *t == 0 {
		return ""
	}
	return kanban.FormatTokens(int64(*t))
}

// Type implements pflag.Value.
func (*Tokens) Type() string { return "number" }

// Set implements pflag.Value.
func (t *Tokens) Set(s string) error {
	n, err := kanban.ParseTokens(s)
	*t = Tokens(n)
	return err
}

// Spent is a Cost that was used: it may be zero.
type Spent struct{ Cost }

// Set implements pflag.Value.
func (c *Spent) Set(s string) error {
	n, err := kanban.ParseSpent(s)
	c.Cost = Cost(n)
	return err
}

// Used are Tokens that were used: they may be zero.
type Used struct{ Tokens }

// Set implements pflag.Value.
func (t *Used) Set(s string) error {
	n, err := kanban.ParseUsed(s)
	t.Tokens = Tokens(n)
	return err
}

// ParseDuration reads what a Duration flag takes.
//
// Errors: invalid.
func ParseDuration(s string) (time.Duration, error) {
	s = strings.TrimSpace(s)
	d, err := time.ParseDuration(s)
	if n, numErr := strconv.ParseFloat(s, 64); numErr == nil {
		d, err = times(n, time.Second), nil
	} else if days, ok := strings.CutSuffix(s, "d"); ok {
		var n float64
		n, err = strconv.ParseFloat(days, 64)
		d = times(n, 24*time.Hour)
	}
	if err != nil || d <= 0 {
		return 0, kanban.Errorf(kanban.Invalid, "%s is not a positive duration", kanban.Quote(s)).Hint("for example 90, 90s, 15m, 1h30m or 2d")
	}
	return d, nil
}

// times is n units, 0 if that is no duration.
func times(n float64, unit time.Duration) time.Duration {
	if d := n * float64(unit); d > 0 && d < math.MaxInt64 {
		return time.Duration(d)
	}
	return 0
}

// moments are the forms of a point in time that carry a date.
var moments = []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly}

// ParseMoment reads a point in time: +2h from now, a stamp, or the next 15:04.
// Without a zone it is local time.
//
// Errors: invalid, also for what is past.
func ParseMoment(s string, now time.Time) (time.Time, error) {
	s = strings.TrimSpace(s)
	if span, ok := strings.CutPrefix(s, "+"); ok {
		d, err := ParseDuration(span)
		return now.Add(d), err
	}
	for _, form := range moments {
		if t, err := time.ParseInLocation(form, s, now.Location()); err == nil {
			if t.Before(now) {
				return t, kanban.Errorf(kanban.Invalid, "%s is past", s)
			}
			if t.UTC().Year() > 9999 { // no stamp can hold it
				return t, kanban.Errorf(kanban.Invalid, "%s is too far away", s).Hint("at most the year 9999, in UTC")
			}
			return t, nil
		}
	}
	if clock, err := time.ParseInLocation("15:04", s, now.Location()); err == nil {
		day := now.Day()
		t := time.Date(now.Year(), now.Month(), day, clock.Hour(), clock.Minute(), 0, 0, now.Location())
		if !t.After(now) {
			t = time.Date(now.Year(), now.Month(), day+1, clock.Hour(), clock.Minute(), 0, 0, now.Location())
		}
		return t, nil
	}
	return time.Time{}, kanban.Errorf(kanban.Invalid, "%s is not a point in time", kanban.Quote(s)).
		Hint("for example +2h, 15:04, 2026-01-31 or 2026-01-31T15:04:05Z")
}

// ParsePast reads a point in time that has come: how long ago, 7d, or a stamp.
// Without a zone it is local time.
//
// Errors: invalid, also for what is still to come.
func ParsePast(s string, now time.Time) (time.Time, error) {
	s = strings.TrimSpace(s)
	if d, err := ParseDuration(s); err == nil {
		return now.Add(-d), nil
	}
	for _, form := range moments {
		t, err := time.ParseInLocation(form, s, now.Location())
		if err == nil && t.After(now) {
			return t, kanban.Errorf(kanban.Invalid, "%s is still to come", s)
		}
		if err == nil {
			return t, nil
		}
	}
	return time.Time{}, kanban.Errorf(kanban.Invalid, "%s is no time that has passed", kanban.Quote(s)).
		Hint("for example 7d, 36h, 2026-01-31 or 2026-01-31T15:04:05Z")
}

// Metadata is the flags --metadata and --metadata-file.
type Metadata struct{ Text, File string }

// Read returns the JSON object that the flags give, nil if none.
//
// Errors: invalid if it is none.
func (m Metadata) Read(f *Factory) (json.RawMessage, error) {
	text := []byte(m.Text)
	name := m.File
	if name != "" && m.Text != "" {
		return nil, kanban.Errorf(kanban.Invalid, "--metadata and --metadata-file exclude each other").Hint("keep one of them")
	}
	if at, ok := strings.CutPrefix(m.Text, "@"); ok {
		name = at
	}
	if name != "" {
		var err error
		if text, err = f.ReadFile(name); err != nil {
			return nil, err
		}
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, nil
	}
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil || object == nil {
		return nil, kanban.Errorf(kanban.Invalid, "the metadata is not a JSON object").Hint(`for example --metadata '{"tests": 12}', or --metadata @file`)
	}
	return text, nil
}

// ReadFile reads a named file, or stdin for "-".
//
// Errors: invalid.
func (f *Factory) ReadFile(name string) ([]byte, error) {
	var text []byte
	var err error
	if name == "-" {
		text, err = io.ReadAll(f.In)
	} else {
		text, err = os.ReadFile(name)
	}
	if err != nil {
		return nil, kanban.Errorf(kanban.Invalid, "cannot read what a flag names: %w", err).Hint("a file that is there, or - for standard input")
	}
	return text, nil
}

// Confirm asks a person before something that cannot be undone. Without a
// terminal it must have been said with --yes.
//
// Errors: invalid if nobody can be asked; conflict if the answer is no.
func (f *Factory) Confirm(yes bool, question string) error {
	if yes {
		return nil
	}
	if !f.Terminal.In || !f.Terminal.Err {
		return kanban.Errorf(kanban.Invalid, "this cannot be undone and nobody is here to ask").Hint("say so with --yes")
	}
	fmt.Fprintf(f.Err, "%s [y/N] ", question)
	var answer string
	if _, err := fmt.Fscanln(f.In, &answer); err != nil || !strings.HasPrefix(strings.ToLower(answer), "y") {
		return kanban.Errorf(kanban.Conflict, "nothing was changed")
	}
	return nil
}
