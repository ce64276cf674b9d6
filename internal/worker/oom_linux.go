package worker

import (
	"errors"
	"os"
	"strconv"
	"strings"
)

// When memory runs out, a worker is to be killed before the gateway and before
// its own supervisor. That much is added to the score of both.
const (
	oomScore = "/proc/self/oom_score_adj"
	oomMore  = 500
	oomMost  = 1000
)

// expendable starts a process that the kernel prefers to kill. The score is
// inherited, so it is raised here for as long as the fork takes: a child that
// was raised later could have forked before.
func expendable(start func() error) (err error) {
	text, err := os.ReadFile(oomScore)
	if err != nil {
		return start() // there is no score where there is no such file
	}
	base := strings.TrimSpace(string(text))
	score, err := strconv.Atoi(base)
	if err != nil {
		return err
	}
	if err := os.WriteFile(oomScore, []byte(strconv.Itoa(min(score+oomMore, oomMost))), 0); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.WriteFile(oomScore, []byte(base), 0)) }()
	return start()
}
