package preset

import (
	"bytes"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/andon-dev/andon/internal/kanban"
)

// Report is what a program has told of its run so far.
type Report struct {
	Session  string // by which it can be resumed; "" = not told yet
	Model    string
	Usage    kanban.Usage
	Priced   bool   // Usage.Cost is what the program says; else it tells no cost
	Progress string // what it does, in a line
	Last     string // the agent's last message
	Worked   bool   // it did or said something
	Stray    string // the last line that was no part of the stream
	Verdict  Verdict
}

// Sizes of what is kept of a stream, in bytes.
const (
	maxLine     = 1 << 20 // of one line; the rest of a longer one is passed over
	maxText     = 16 << 10
	maxProgress = 200
	maxName     = 200
)

// Entry is one line of a run for people to read.
type Entry struct {
	Kind EntryKind
	Text string
}

// EntryKind says what an entry tells of.
type EntryKind string

// The kinds of entry.
const (
	Began  EntryKind = "began"  // a session
	Said   EntryKind = "said"   // a message of the agent
	Called EntryKind = "called" // a tool
	Got    EntryKind = "got"    // a tool's result
	Noted  EntryKind = "noted"  // the program's own remarks
	Ended  EntryKind = "ended"
	Plain  EntryKind = "plain" // output that is no part of the stream
)

// reader takes one JSON line of a program into a report. Lines that it does not
// know change nothing.
type reader interface {
	line(raw []byte, s *Stream)
}

// Stream reads the output of one run, in pieces of any size.
type Stream struct {
	Report Report

	preset Preset
	reader reader
	now    time.Time // of the piece that is read: words such as "at 3pm" mean the next such time
	tell   func(Entry)
	buffer []byte
	skip   bool // the rest of a line that was too long
	quota  time.Time
}

// Stream returns a reader for the output of one run. tell, which may be nil, gets
// what people may like to read.
func (p Preset) Stream(tell func(Entry)) *Stream {
	if tell == nil {
		tell = func(Entry) {}
	}
	return &Stream{preset: p, reader: p.reader(), tell: tell}
}

// Write takes the next piece of output, said at a time.
func (s *Stream) Write(p []byte, now time.Time) {
	s.now = now
	for len(p) > 0 {
		piece, rest, whole := bytes.Cut(p, []byte{'\n'})
		p = rest
		if !s.skip {
			s.buffer = append(s.buffer, piece...)
		}
		if len(s.buffer) > maxLine {
			s.buffer, s.skip = s.buffer[:0], true
			s.tell(Entry{Noted, "a line of more than 1 MiB was passed over"})
		}
		if whole {
			s.take(s.buffer)
			s.buffer, s.skip = s.buffer[:0], false
		}
	}
}

// Close takes what is left, and how the program ended: its exit status, or -1
// for a signal.
func (s *Stream) Close(code int, now time.Time) {
	s.now = now
	s.take(s.buffer)
	s.buffer = nil
	if told, ok := s.preset.exits[code]; ok && (s.Report.Verdict.Kind == "" || s.Report.Verdict.Kind == Failed) {
		told.Reason = clip(firstOf(s.Report.Verdict.Reason, s.Report.Stray, told.Reason), maxProgress)
		s.Report.Verdict = told
	}
	if code != 0 && s.Report.Verdict.Kind == "" && s.Report.Stray != "" {
		s.end(judge(s.Report.Stray, 0, s.now))
	}
}

func (s *Stream) take(line []byte) {
	line = bytes.TrimSpace(line)
	switch {
	case len(line) == 0:
	case line[0] == '{':
		s.reader.line(line, s)
	default:
		s.Report.Stray = clip(string(line), maxProgress)
		s.tell(Entry{Plain, clip(string(line), maxText)})
	}
}

func (s *Stream) began(session, model string) {
	s.session(session)
	if model != "" {
		s.Report.Model = clip(model, maxName)
	}
	s.tell(Entry{Began, strings.TrimSpace("session " + s.Report.Session + "  " + s.Report.Model)})
}

func (s *Stream) session(id string) {
	if Argument(id) {
		s.Report.Session = id
	}
}

func (s *Stream) said(text string) {
	if text = strings.TrimSpace(text); text == "" {
		return
	}
	s.Report.Worked = true
	s.Report.Last = clip(text, maxText)
	s.Report.Progress = clip(text, maxProgress)
	s.tell(Entry{Said, clip(text, maxText)})
}

// called notes a tool and, in a line, what it is to do.
func (s *Stream) called(tool, what string) {
	s.Report.Worked = true
	tool = clip(tool, maxName)
	s.Report.Progress = clip(tool+" "+what, maxProgress)
	s.tell(Entry{Called, clip(tool+"  "+what, maxText)})
}

func (s *Stream) got(result string, failed bool) {
	if failed {
		result = "failed: " + result
	}
	s.tell(Entry{Got, clip(result, maxText)})
}

func (s *Stream) noted(text string) { s.tell(Entry{Noted, clip(text, maxText)}) }

func (s *Stream) end(v Verdict) {
	v.Reason = clip(v.Reason, maxProgress)
	if v.Kind == Later && v.Until.IsZero() {
		v.Until = s.quota
	}
	s.Report.Verdict = v
	s.tell(Entry{Ended, strings.TrimSpace(string(v.Kind) + "  " + v.Reason)})
}

// clip keeps a text valid, of no more than limit bytes, and without control
// characters that could play with a terminal; up to maxProgress it is one line.
func clip(s string, limit int) string {
	if len(s) > limit {
		s = s[:limit]
		for len(s) > 0 && !utf8.RuneStart(s[len(s)-1]) {
			s = s[:len(s)-1]
		}
		if r, n := utf8.DecodeLastRuneInString(s); r == utf8.RuneError && n == 1 {
			s = s[:len(s)-1]
		}
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			if limit <= maxProgress {
				return ' '
			}
			return r
		case r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == utf8.RuneError:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

func firstOf(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}
