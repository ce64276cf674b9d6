package worker

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"time"
)

// clockTicks per second (USER_HZ), the same on every Linux architecture that Go
// runs on.
const clockTicks = 100

// StartedAt tells when a process was started, to about a second. The error
// wraps ErrGone if there is none.
func StartedAt(pid int) (time.Time, error) {
	id, err := Identify(pid)
	if err != nil {
		return time.Time{}, err
	}
	f, err := os.Open("/proc/stat")
	if err != nil {
		return time.Time{}, err
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var boot int64
		if rest, ok := strings.CutPrefix(lines.Text(), "btime "); ok {
			if _, err := fmt.Sscan(rest, &boot); err != nil {
				return time.Time{}, err
			}
			return time.Unix(boot, 0).Add(time.Duration(id.Start) * time.Second / clockTicks), nil
		}
	}
	return time.Time{}, fmt.Errorf("/proc/stat names no btime")
}
