package client

import (
	"net/url"
	"strconv"
	"time"
)

// Page is one page of a list.
type Page[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next" doc:"cursor of the following page, empty at the end"`
}

// TaskQuery selects tasks. The zero value selects all but archived ones.
type TaskQuery struct {
	IDs      []string // whole ids
	Statuses []string
	Assignee string
	Tenant   string
	Labels   []string // all of which it has
	Session  string
	Text     string // words, all of which stand in title or body, in any case
	Archived bool   // archived ones too
	Full     bool   // with body and result
	Gates    bool   // with the reasons why they are not running
	Sort     string // priority (default), created, created-desc, updated-desc, status, assignee, title
	Limit    int    // 1..1000; 0 = 100
	Cursor   string // Next of the page before
}

func (q TaskQuery) values() url.Values {
	v := url.Values{}
	list(v, "id", q.IDs)
	list(v, "status", q.Statuses)
	text(v, "assignee", q.Assignee)
	text(v, "tenant", q.Tenant)
	list(v, "label", q.Labels)
	text(v, "session", q.Session)
	text(v, "text", q.Text)
	flag(v, "archived", q.Archived)
	flag(v, "full", q.Full)
	flag(v, "gates", q.Gates)
	text(v, "sort", q.Sort)
	number(v, "limit", int64(q.Limit))
	text(v, "cursor", q.Cursor)
	return v
}

// DiffQuery says which states to compare. The zero value is the newest run, from
// where its branch began.
type DiffQuery struct {
	Attempt int  // whose work; 0 = the newest run's
	Since   int  // an earlier attempt, whose end to compare with
	Stat    bool // count lines instead of showing them
	Limit   int  // bytes, 1 KiB..16 MiB; 0 = 1 MiB
}

func (q DiffQuery) values() url.Values {
	v := url.Values{}
	number(v, "attempt", int64(q.Attempt))
	number(v, "since", int64(q.Since))
	flag(v, "stat", q.Stat)
	number(v, "limit", int64(q.Limit))
	return v
}

// EventQuery selects events with ids greater than After, in order of id.
type EventQuery struct {
	After int64
	Task  string
	Kinds []string
	Limit int           // 1..10000; 0 = 500
	Last  bool          // the newest Limit events instead of the oldest
	Wait  time.Duration // wait so long for the first one, at most 60 s
}

func (q EventQuery) values() url.Values {
	v := url.Values{}
	number(v, "after", q.After)
	text(v, "task", q.Task)
	list(v, "kind", q.Kinds)
	number(v, "limit", int64(q.Limit))
	flag(v, "last", q.Last)
	duration(v, "wait", q.Wait)
	return v
}

// LogQuery selects a piece of a run's log.
type LogQuery struct {
	Offset int64         // bytes from the beginning of the run; negative: from the present end
	Limit  int           // bytes, 1..1048576; 0 = 65536
	Wait   time.Duration // wait so long for more, at most 60 s
}

func (q LogQuery) values() url.Values {
	v := url.Values{}
	number(v, "offset", q.Offset)
	number(v, "limit", int64(q.Limit))
	duration(v, "wait", q.Wait)
	return v
}

func moment(v url.Values, name string, t time.Time) {
	if !t.IsZero() {
		v.Set(name, t.Format(time.RFC3339))
	}
}

func text(v url.Values, name, s string) {
	if s != "" {
		v.Set(name, s)
	}
}

func list(v url.Values, name string, s []string) {
	if len(s) > 0 {
		v[name] = s
	}
}

func flag(v url.Values, name string, b bool) {
	if b {
		v.Set(name, "true")
	}
}

func number(v url.Values, name string, n int64) {
	if n != 0 {
		v.Set(name, strconv.FormatInt(n, 10))
	}
}

func duration(v url.Values, name string, d time.Duration) {
	if d > 0 {
		v.Set(name, d.String())
	}
}
