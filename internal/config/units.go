package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

const day = 24 * time.Hour

// forever is the longest time that andon.yaml accepts.
const forever = 36500 * day

// parseDuration reads Go's durations plus d, a day of 24 hours: 30d, 1d12h.
func parseDuration(s string) (time.Duration, error) {
	days, rest, found := strings.Cut(s, "d")
	if !found {
		return time.ParseDuration(s)
	}
	n, err := strconv.Atoi(days)
	if err != nil || n < 0 || n > int(forever/day) {
		return 0, fmt.Errorf("not a duration: %s", kanban.Quote(s))
	}
	d := time.Duration(n) * day
	if rest == "" {
		return d, nil
	}
	more, err := time.ParseDuration(rest)
	if err != nil || more < 0 || more > forever {
		return 0, fmt.Errorf("not a duration: %s", kanban.Quote(s))
	}
	return d + more, nil
}

// formatDuration writes whole days as days, else as Go does without zero parts.
func formatDuration(d time.Duration) string {
	if d >= day && d%day == 0 {
		return strconv.Itoa(int(d/day)) + "d"
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

var units = []struct {
	name  string
	bytes int64
}{{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}

// parseSize reads a whole number with a unit, 64MiB, or bare bytes.
func parseSize(s string) (int64, error) {
	factor := int64(1)
	for _, u := range units {
		if rest, found := strings.CutSuffix(s, u.name); found {
			s, factor = strings.TrimRight(rest, " "), u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/factor {
		return 0, fmt.Errorf("not a size: %s", kanban.Quote(s))
	}
	return n * factor, nil
}

// formatSize writes the largest unit that divides n.
func formatSize(n int64) string {
	for _, u := range units {
		if n >= u.bytes && n%u.bytes == 0 {
			return strconv.FormatInt(n/u.bytes, 10) + u.name
		}
	}
	return "0"
}
