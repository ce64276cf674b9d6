package notify

import "github.com/andon-dev/andon/internal/kanban"

// Act is something that can be done about a task from where its message is read,
// by the press of a button.
type Act struct {
	Name  string `json:"name"`
	Label string `json:"label"` // for people
}

// The names of acts.
const (
	ActAnswer  = "answer"  // tell a worker what it asked, and let it go on
	ActApprove = "approve" // of work, or of a plan
	ActChanges = "changes" // send work back with a reason
	ActReject  = "reject"  // refuse work or a plan
	ActRetry   = "retry"   // let a held task run again
	ActStop    = "stop"
	ActMute    = "mute" // no more messages of this task here
)

var labels = map[string]string{
	ActAnswer: "Answer", ActApprove: "Approve", ActChanges: "Request changes", ActReject: "Reject",
	ActRetry: "Let it run", ActStop: "Stop", ActMute: "Mute",
}

// urgent has an entry for each kind of event, or variant, that somebody has to
// act on, with what they can do at once.
var urgent = map[string][]string{
	"review":                     {ActApprove, ActChanges, ActReject},
	"blocked":                    {ActAnswer, ActRetry},
	"blocked/needs_input":        {ActAnswer},
	"blocked/capability":         {ActAnswer, ActRetry},
	"blocked/transient":          {ActRetry},
	"blocked/dependency":         {ActRetry},
	"blocked/breaker":            {ActRetry},
	"blocked/conflict":           {ActRetry},
	"blocked/budget":             nil,
	"gave_up":                    {ActRetry},
	"gave_up/protocol_violation": {ActRetry},
	"protocol_violation":         {ActRetry},
	"plan_proposed":              {ActApprove, ActReject},
	"plan_failed":                nil,
	"paused":                     nil,
	"paused/refused":             nil,
	"budget_reached":             nil,
	"latched":                    nil,
}

// offers is what can be done about events that ask for nothing.
var offers = map[string][]string{
	"blocked/operator": {ActRetry},
	"stopped":          {ActRetry},
	"crashed":          {ActStop},
	"timed_out":        {ActStop},
	"stale":            {ActStop},
	"spawn_failed":     {ActStop},
	"verify_failed":    {ActStop},
	"rate_limited":     {ActStop},
	"lost":             {ActStop},
	"reclaimed":        {ActStop},
	"claimed":          {ActStop},
	"spawned":          {ActStop},
	"heartbeat":        {ActStop},
}

// urgently reports whether somebody has to act on an event.
func urgently(e kanban.Event) bool {
	attention, _ := calls(variant(Event{Kind: e.Kind, Payload: e.Payload}))
	return attention
}

// calls tells of a variant of event whether somebody has to act, and what can be
// done. Who can do something can also have quiet.
func calls(variant string) (attention bool, acts []Act) {
	names, attention := urgent[variant]
	if !attention {
		names = offers[variant]
	}
	if len(names) == 0 {
		return attention, nil
	}
	for _, name := range names {
		acts = append(acts, Act{name, labels[name]})
	}
	return attention, append(acts, Act{ActMute, labels[ActMute]})
}
