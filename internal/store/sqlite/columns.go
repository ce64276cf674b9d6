package sqlite

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// columns reads a row from left to right. What stands in it may have been
// written by anybody with plain SQL, so nothing here fails: what cannot be read
// as its kind is read as zero.
type columns struct {
	s *sqlite3.Stmt
	i int
}

func (c *columns) next() int { c.i++; return c.i - 1 }

func (c *columns) text() string { return c.s.ColumnText(c.next()) }
func (c *columns) int64() int64 { return c.s.ColumnInt64(c.next()) }
func (c *columns) int() int     { return int(c.int64()) }
func (c *columns) bool() bool   { return c.int64() != 0 }

// millis reads a column of ours that holds a time.
func (c *columns) millis() time.Time { return fromMillis(c.int64()) }

// moment reads a time from the reference's column in seconds and ours in
// milliseconds. Ours counts only while it says the same second, so that a
// change by the reference is believed.
func (c *columns) moment() time.Time {
	seconds, millis := c.int64(), c.int64()
	if millis/1000 == seconds {
		return fromMillis(millis)
	}
	if seconds > maxMillis/1000 {
		return time.Time{}
	}
	return fromMillis(seconds * 1000)
}

// span reads a duration as moment reads a time; the reference's seconds are
// rounded up.
func (c *columns) span() time.Duration {
	seconds, millis := c.int64(), c.int64()
	if seconds <= 0 || seconds > maxMillis/1000 {
		return 0
	}
	if ceilSeconds(millis) == seconds {
		return time.Duration(millis) * time.Millisecond
	}
	return time.Duration(seconds) * time.Second
}

// object reads a JSON object, nil for NULL. Anything else comes as
// {"raw": text}, so that it can be seen and passed on.
func (c *columns) object() json.RawMessage {
	text := c.text()
	if text == "" {
		return nil
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &fields) == nil {
		if fields == nil { // "null"
			return nil
		}
		return json.RawMessage(text)
	}
	raw, _ := encode(map[string]string{"raw": text})
	return json.RawMessage(raw)
}

// strings reads a JSON array of strings, nil for NULL and for anything else.
func (c *columns) strings() []string {
	var list []string
	if json.Unmarshal(c.s.ColumnRawText(c.next()), &list) != nil {
		return nil
	}
	return list
}

// labels reads words that commas part, sorted.
func (c *columns) labels() []string {
	text := c.text()
	if text == "" {
		return nil
	}
	labels := strings.Split(text, ",")
	slices.Sort(labels)
	return labels
}

// argvs reads a JSON array of arrays of strings, nil for NULL and for anything
// else.
func (c *columns) argvs() [][]string {
	var list [][]string
	if json.Unmarshal(c.s.ColumnRawText(c.next()), &list) != nil {
		return nil
	}
	return list
}

// maxMillis is the end of the year 9999, the last that can be written in JSON.
const maxMillis = 253402300799999

func fromMillis(ms int64) time.Time {
	if ms <= 0 || ms > maxMillis {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// millis is how a time stands in a column of ours.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// seconds is how a time stands in a column of the reference: NULL = none.
func seconds(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.Unix()
}

// spanSeconds is how a duration stands in a column of the reference.
func spanSeconds(d time.Duration) any {
	if d <= 0 {
		return nil
	}
	return ceilSeconds(d.Milliseconds())
}

func ceilSeconds(ms int64) int64 { return (ms + 999) / 1000 }

// text and number are how values stand in columns that may be NULL.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func number(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}

// encode writes JSON as the reference does: UTF-8 stays as it is.
func encode(v any) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}

// words is a JSON array of strings, which cannot fail to be encoded. As a
// parameter of IN (SELECT value FROM json_each(?)) it lets one text of SQL serve
// lists of any length.
func words[T ~string](list []T) string {
	if len(list) == 0 {
		return "[]"
	}
	array, _ := encode(list)
	return array
}

// most is a LIMIT; 0 or less means all.
func most(limit int) int {
	if limit <= 0 {
		return -1
	}
	return limit
}

// marks is one ? for each name of a list of columns.
func marks(names string) string {
	return strings.Repeat("?, ", strings.Count(names, ",")) + "?"
}

// within brings a caller's limit between 1 and maximum; 0 means usual.
func within(limit, usual, maximum int) int {
	if limit <= 0 {
		limit = usual
	}
	return min(limit, maximum)
}
