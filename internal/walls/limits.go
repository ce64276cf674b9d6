package walls

// Limits are what all processes of a run together may use; 0 = no limit.
type Limits struct {
	Memory int64   // bytes
	PIDs   int     // processes and threads
	CPUs   float64 // processors' worth of time
}

// Any reports whether there is a limit.
func (l Limits) Any() bool { return l != Limits{} }

// GatewayGroup is the name of the cgroup that a gateway has to be in to be able
// to limit its runs: theirs are made beside it.
const GatewayGroup = "andon-gateway"
