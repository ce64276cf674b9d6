package dispatch

import (
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"github.com/andon-dev/andon/internal/config"
)

// terms are what a run was started under. They stand in its folder, so that a
// lane that is changed or removed meanwhile changes nothing for it, and the next
// gateway judges it as this one would.
type terms struct {
	DoneWhen     config.DoneWhen   `json:"done_when"`
	OnSilentExit config.SilentExit `json:"on_silent_exit"`
	StallTimeout time.Duration     `json:"stall_timeout"`
	Account      string            `json:"account,omitempty"`
}

const termsFile = "terms.json"

func termsOf(l config.Lane) terms {
	return terms{DoneWhen: l.DoneWhen, OnSilentExit: l.OnSilentExit, StallTimeout: l.StallTimeout, Account: l.Account}
}

func (r *run) saveTerms() error {
	raw, err := json.Marshal(r.terms)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.dir, termsFile), raw, 0o600)
}

// loadTerms reads what an earlier gateway wrote. A run that was killed before
// that was never started.
func (r *run) loadTerms() {
	raw, err := os.ReadFile(filepath.Join(r.dir, termsFile))
	if err == nil {
		err = json.Unmarshal(raw, &r.terms)
	}
	if err != nil {
		r.terms = termsOf(r.d.Config().Lanes[r.row.Lane])
	}
}
