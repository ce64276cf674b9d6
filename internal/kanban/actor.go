package kanban

// ActorKind is who acts, as far as the transition table cares. Kinds are bits,
// so that a transition can allow several.
type ActorKind uint8

// The kinds of actor.
const (
	Human      ActorKind = 1 << iota // a person, or a token that a person made
	Worker                           // a run and everything in its process tree
	Dispatcher                       // the gateway itself: dispatch, deadlines, consequences of other changes
	Reviewer                         // a run in the one review that it was asked for; a worker in all else
)

func (k ActorKind) String() string {
	switch k {
	case Human:
		return "human"
	case Worker:
		return "worker"
	case Dispatcher:
		return "dispatcher"
	case Reviewer:
		return "reviewer"
	}
	return "nobody"
}

// Actor is who does something, as recorded in events.
type Actor struct {
	Kind  ActorKind
	Name  string // user, token or lane
	Board string // of a worker, or of a human whose credential is for one board: the only board it may see
	Task  string // a worker's own task
	Run   int64  // a worker's own run
	Agent bool   // of a human: a program that acts for one and opens no gate of humans
	Scope Scope  // of a human: what the API lets it ask for
}

// System is the actor of consequences that nobody asked for by name.
var System = Actor{Kind: Dispatcher, Name: "andon"}
