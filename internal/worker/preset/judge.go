package preset

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxQuota bounds when a provider may say that work can go on: quotas are weekly
// or monthly at most, and the words come through a stranger's hands.
const maxQuota = 35 * 24 * time.Hour

// judge reads an error of a provider: by its HTTP status if there is one, else
// by the words that providers and programs use.
func judge(text string, status int, now time.Time) Verdict {
	v := Verdict{Kind: Failed, Reason: text}
	switch {
	case says(text, denials):
		v.Kind = Denied
	case status == http.StatusTooManyRequests || status >= 500 || status == 0 && says(text, quotas):
		v.Kind, v.Until = Later, resetIn(text, now)
	case status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusPaymentRequired:
		v.Kind = Denied
	}
	return v
}

// denials are words for: a human has to log in, or to pay.
var denials = []string{
	"credit balance is too low", "insufficient_quota", "quota exceeded. check your plan", "exceeded your current quota",
	"invalid api key", "invalid x-api-key", "incorrect api key", "api key not valid", "api_key_invalid", "not logged in",
	"please run /login", "authentication_failed", "authentication_error", "oauth token has expired", "401 unauthorized",
	"403 forbidden", "payment required", "billing_error", "please set an auth method", "invalid auth method",
}

// quotas are words for: try again later.
var quotas = []string{
	"usage limit", "rate limit", "rate_limit", "too many requests", "you've hit your", "you’ve hit your", "limit reached", "resource_exhausted",
	"quota exceeded", "exhausted your", "overloaded", "503 service unavailable", "temporarily unavailable",
}

func says(text string, words []string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
}

var (
	epoch    = regexp.MustCompile(`limit reached\|(\d{9,11})\b`)
	lasting  = regexp.MustCompile(`(?i)\b(?:in|after)\s+((?:\d+(?:\.\d+)?\s*(?:days?|hours?|minutes?|mins?|seconds?|secs?|ms|[dhms])[\s,]*(?:and\s+)?)+)`)
	part     = regexp.MustCompile(`(?i)(\d+(?:\.\d+)?)\s*(ms|d|h|m|s)`)
	at       = regexp.MustCompile(`(?i)\b(?:resets?(?: at)?|try again at|available(?: again)? at)\s+(?:([A-Z][a-z]{2,8})\s+(\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(\d{4}))?(?:\s+at|,)?\s+)?(\d{1,2})(?::(\d{2}))?\s*([ap])\.?m\.?(?:\s*\(([A-Za-z_]+/[A-Za-z_/]+|UTC)\))?`)
	calendar = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}
)

// resetIn finds in an error when a quota is there again; zero if it is not told.
func resetIn(text string, now time.Time) time.Time {
	var t time.Time
	switch {
	case epoch.MatchString(text):
		seconds, _ := strconv.ParseInt(epoch.FindStringSubmatch(text)[1], 10, 64)
		t = time.Unix(seconds, 0)
	case at.MatchString(text):
		t = clockTime(at.FindStringSubmatch(text), now)
	case lasting.MatchString(text):
		t = now.Add(duration(lasting.FindStringSubmatch(text)[1]))
	}
	return plausible(t, now)
}

// plausible drops a time that is past or too far away to be true.
func plausible(t, now time.Time) time.Time {
	if !t.After(now) || t.Sub(now) > maxQuota {
		return time.Time{}
	}
	return t
}

func duration(text string) (d time.Duration) {
	units := map[string]time.Duration{"d": 24 * time.Hour, "h": time.Hour, "m": time.Minute, "s": time.Second, "ms": time.Millisecond}
	for _, m := range part.FindAllStringSubmatch(text, -1) {
		n, err := strconv.ParseFloat(m[1], 64)
		if err == nil && n < 1e6 {
			d += time.Duration(n * float64(units[strings.ToLower(m[2])]))
		}
	}
	return d
}

// clockTime is the next time at which a clock shows what is told, in the zone
// that is told, else in that of this machine. m is a match of at.
func clockTime(m []string, now time.Time) time.Time {
	zone := now.Location()
	if z, err := time.LoadLocation(m[7]); m[7] != "" && err == nil {
		zone = z
	}
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	hour, minute := number(m[4])%12, number(m[5])
	if strings.EqualFold(m[6], "p") {
		hour += 12
	}
	year, month, day := now.In(zone).Date()
	if m[1] == "" {
		t := time.Date(year, month, day, hour, minute, 0, 0, zone)
		if !t.After(now) {
			t = time.Date(year, month, day+1, hour, minute, 0, 0, zone)
		}
		return t
	}
	i := slices.Index(calendar, strings.ToLower(m[1][:3]))
	if i < 0 {
		return time.Time{}
	}
	if m[3] != "" {
		year = number(m[3])
	}
	t := time.Date(year, time.Month(i+1), number(m[2]), hour, minute, 0, 0, zone)
	if m[3] == "" && !t.After(now) {
		t = t.AddDate(1, 0, 0)
	}
	return t
}
