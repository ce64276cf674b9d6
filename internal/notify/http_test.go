package notify

import (
	"errors"
	"net/http"
	"testing"
	"time"
)

// FuzzRetryAfter: whatever a destination answers, it delays a message by a day
// at most and never brings it forward, and its header is not repeated.
func FuzzRetryAfter(f *testing.F) {
	for _, header := range []string{"", "120", "-1", "99999999999999999999", "Mon, 23 Nov 2026 22:00:00 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "1e9", "soon"} {
		f.Add(header, 429)
		f.Add(header, 503)
	}
	f.Add("", 302)
	f.Add("", -1)
	now := time.Date(2026, 11, 23, 21, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, header string, status int) {
		err := Answered("example.test", &http.Response{StatusCode: status, Header: http.Header{"Retry-After": {header}}}, now)
		if err == nil {
			if status < 200 || status > 299 {
				t.Fatalf("%d counts as delivered", status)
			}
			return
		}
		var fail *Failure
		if !errors.As(err, &fail) || fail.After < 0 || fail.After > 24*time.Hour || fail.Permanent && fail.After != 0 {
			t.Fatalf("%d with %q: %+v", status, header, fail)
		}
		if len(err.Error()) > 200 {
			t.Fatalf("told %q", err)
		}
	})
}
