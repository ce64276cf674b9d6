package notify

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Answered says what the status of an answer means to a message: nil if it was
// taken, Later for what may pass, Permanent for all else. host names who answered.
func Answered(host string, resp *http.Response, now time.Time) error {
	status := resp.StatusCode
	err := fmt.Errorf("%s answered %d %s", host, status, http.StatusText(status))
	switch {
	case status >= 200 && status < 300:
		return nil
	case !Final(status):
		return Later(err, retryAfter(resp.Header.Get("Retry-After"), now))
	}
	return Permanent(err)
}

// Final reports whether no later request can have a better answer than this one,
// which was not taken.
func Final(status int) bool {
	return status < 500 && status != http.StatusRequestTimeout && status != http.StatusTooEarly && status != http.StatusTooManyRequests
}

// retryAfter reads both forms of the header; what cannot be read says nothing.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil {
		return time.Duration(min(max(seconds, 0), 1<<30)) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return at.Sub(now)
	}
	return 0
}

// WithoutURL drops the address from an error of an HTTP client: many services
// put their key into the path.
func WithoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
