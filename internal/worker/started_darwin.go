package worker

import "time"

// StartedAt tells when a process was started. The error wraps ErrGone if there
// is none.
func StartedAt(pid int) (time.Time, error) {
	id, err := Identify(pid)
	if err != nil {
		return time.Time{}, err
	}
	return time.UnixMicro(int64(id.Start)), nil
}
