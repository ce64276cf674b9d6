package dispatch

import (
	"encoding/json"
	"time"

	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
)

// terms are what a run was started under. They stand in its folder, so that a
// lane that is changed or removed meanwhile changes nothing for it, and the next
// gateway judges it as this one would.
type terms struct {
	Supervisor   kanban.Process    `json:"supervisor"` // whose folder it is: ids start anew on a board that is made again
	Lane         string            `json:"lane"`
	Preset       string            `json:"preset,omitempty"` // of an agent, whose output is read
	Account      string            `json:"account,omitempty"`
	DoneWhen     config.DoneWhen   `json:"done_when"`
	OnSilentExit config.SilentExit `json:"on_silent_exit"`
	StallTimeout time.Duration     `json:"stall_timeout"`
	AfterCreate  bool              `json:"after_create"`   // it was to run the hook of a new workspace
	Front        kanban.Process    `json:"front,omitzero"` // whose end is the end of a guest's run
	Sandbox      config.Sandbox    `json:"sandbox,omitzero"`
	Claim        string            `json:"claim,omitempty"` // of a verification: the lock of the claim that it belongs to
}

// walled reports whether its processes are confined.
func (t terms) walled() bool { return t.Sandbox.On() }

const termsFile = "terms.json"

func termsOf(r kanban.Run, l config.Lane) terms {
	return terms{
		Supervisor: r.Supervisor, Lane: r.Lane, Preset: agentOf(l), Account: l.Account,
		DoneWhen: l.DoneWhen, OnSilentExit: l.OnSilentExit, StallTimeout: l.StallTimeout,
		Sandbox: l.Sandbox,
	}
}

func agentOf(l config.Lane) string {
	p, _ := l.Agent()
	return p.Name
}

func (t terms) save(f Folder) error {
	raw, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return f.Write(termsFile, raw)
}

func loadTerms(f Folder) (t terms, err error) {
	raw, err := f.Read(termsFile, 1<<20)
	if err != nil {
		return t, err
	}
	return t, json.Unmarshal(raw, &t)
}
