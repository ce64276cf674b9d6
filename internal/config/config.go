package config

import (
	"slices"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker/preset"
)

// Config is one andon.yaml with the defaults filled in. It is a value: whoever
// reloads replaces it whole.
type Config struct {
	Dispatch  Dispatch
	Accounts  map[string]Account
	Boards    map[string]Board
	Lanes     map[string]Lane
	Budget    Budget // of all work of this home
	Notify    Notify
	Retention Retention
	Backup    Backup
	Planner   Planner
	API       API

	Version string // of the text it was loaded from; "" = from no file
}

// Dispatch says how fast and how often work is started.
type Dispatch struct {
	MaxParallel int           // workers of this gateway; 0 = unlimited
	MaxAttempts int           // failed attempts before the breaker blocks a task
	Lease       time.Duration // how long a claim holds without a heartbeat
	Backoff     Backoff
	StopGrace   time.Duration // from a run's end to TERM for what is left of its process tree
	PauseAfter  int           // tasks that fail alike in a row before their lane or repository pauses; 0 = never
	MaxCooldown time.Duration // that one task may spend in cool-downs, in all; 0 = unbounded
	MinFree     int64         // bytes; below it nothing is started; 0 = not looked at
	MaxChildren int           // tasks that one run may create; 0 = unlimited
}

// Backoff is the pause between attempts: doubled from Initial up to Max.
type Backoff struct {
	Initial, Max time.Duration
}

// Account is what a limit of a provider belongs to.
type Account struct {
	MaxParallel int // 0 = unlimited
	Budget      Budget
}

// Budget limits what work may use; zero = unlimited.
type Budget struct {
	Run  kanban.Budget // one run
	Task kanban.Budget // all runs of a task
	Day  kanban.Budget // all runs that begin on one day
}

// Board holds the settings of one board; a board without any has the zero
// value.
type Board struct {
	MaxParallel int // 0 = unlimited
	Budget      Budget
	Tenants     map[string]Tenant
}

// Tenant holds the limits of one tenant of a board.
type Tenant struct {
	MaxParallel int // 0 = unlimited
	Budget      Budget
}

// Lane is a kind of worker that tasks are assigned to.
type Lane struct {
	Name         string
	Description  string
	Preset       string
	Command      []string          // argv; each element a template over Fields, see Argv. With an agent preset: in place of its program, may be nil
	Args         []string          // further arguments of a preset's program, templates as well
	Model        string            // agent presets and hermes: "" = the program's own choice
	Permission   preset.Permission // agent presets only
	Account      string            // "" = none
	DoneWhen     DoneWhen
	OnSilentExit SilentExit
	Env          map[string]string
	PassEnv      []string
	MaxParallel  int           // 0 = unlimited
	RunTimeout   time.Duration // 0 = none
	StallTimeout time.Duration // without output or heartbeat; 0 = none
	OnRetry      string        // Continue or Fresh: what an attempt after a failed one starts from
	Hooks        Hooks
	Sandbox      Sandbox
	Workspace    string // kind of workspace of a task that names a repository and no kind; "" = worktree
	Budget       Budget
	Cost         int64 // what a run costs whatever it does, in micro-dollars; 0 = not declared
	Metered      bool  // its worker tells what it uses

	Verify        [][]string    // argv each, as they stand: they must succeed before a completion counts
	VerifyTimeout time.Duration // of each; 0 = the default
	Review        Review
}

// Meters reports whether what a run uses is known while it runs: its preset reads
// it from the program's output, or its worker tells.
func (l Lane) Meters() bool {
	_, agent := preset.Named(l.Preset)
	return l.Metered || agent
}

// Unpriced reports whether that is told in tokens only: what it costs has to be
// declared wherever money is limited.
func (l Lane) Unpriced() bool {
	p, agent := preset.Named(l.Preset)
	return agent && p.Unpriced && !l.Metered
}

// HasDays reports whether any budget is one of a day.
func (c Config) HasDays() bool {
	limits := []Budget{c.Budget}
	for _, a := range c.Accounts {
		limits = append(limits, a.Budget)
	}
	for _, l := range c.Lanes {
		limits = append(limits, l.Budget)
	}
	for _, b := range c.Boards {
		limits = append(limits, b.Budget)
		for _, t := range b.Tenants {
			limits = append(limits, t.Budget)
		}
	}
	return slices.ContainsFunc(limits, func(b Budget) bool { return b.Day != kanban.Budget{} })
}

// Review says who judges what a lane hands in.
type Review struct {
	By        string // a lane, kanban.ReviewedByHuman, or "" = nobody
	MaxRounds int    // so often changes requested lead to a new run; 0 = the default
}

// Sandbox are the walls around a lane's workers, hooks included.
type Sandbox struct {
	Mode    string   // SandboxOff and so on; "" = off
	Network string   // NetworkOn and so on; "" without walls
	Allow   []string // hosts, if it is proxied
	Write   []string // beside the workspace; absolute, or of the user's HOME as ~/...
	Read    []string

	Memory int64   // bytes for all processes of a run; 0 = no limit
	PIDs   int     // processes and threads
	CPUs   float64 // processors
}

// On reports whether there are any.
func (s Sandbox) On() bool { return s.Mode != SandboxOff && s.Mode != "" }

// given reports whether there are walls or limits.
func (s Sandbox) given() bool { return s.On() || s.Memory > 0 || s.PIDs > 0 || s.CPUs > 0 }

// The modes of a sandbox.
const (
	SandboxOff      = "off"
	SandboxAuto     = "auto" // the best that works here
	SandboxBwrap    = "bwrap"
	SandboxLandlock = "landlock"
)

// The networks of a sandbox. The gateway is reached with each.
const (
	NetworkOn      = "on"
	NetworkOff     = "off"
	NetworkProxied = "proxied" // to a list of hosts
)

// Hosts are those that the workers of a lane whose network is proxied reach: what
// it allows, and what its agent cannot do without.
func (l Lane) Hosts() []string {
	if l.Sandbox.Network != NetworkProxied {
		return nil
	}
	agent, _ := l.Agent()
	return slices.Concat(l.Sandbox.Allow, agent.Hosts)
}

// Agent returns how the lane's program is driven; ok is false if the lane is a
// plain command.
func (l Lane) Agent() (p preset.Preset, ok bool) { return preset.Named(l.Preset) }

// DoneWhen says what ends a run well.
type DoneWhen string

// The values of DoneWhen.
const (
	DoneOnExit     DoneWhen = "exit"     // exit status 0 completes the task
	DoneOnReported DoneWhen = "reported" // the worker says so itself
)

// SilentExit says what becomes of a reported lane's run that exits 0 without a
// word.
type SilentExit string

// The values of SilentExit.
const (
	SilentBlocks  SilentExit = "block"
	SilentReviews SilentExit = "review"
)

// Hooks are commands around the life of a workspace: argv each, taken as they
// stand; nil = none.
type Hooks struct {
	AfterCreate, BeforeRun, AfterRun, BeforeRemove []string
}

// Notify holds the named destinations of messages.
type Notify struct {
	Link  string // where people reach the dashboard, for the links in messages; "" = as api says
	Sinks map[string]Sink
}

// Retention says how long things stay, and how large a run's log may grow.
type Retention struct {
	Logs      time.Duration
	LogSize   int64 // bytes
	Events    time.Duration
	Scratch   time.Duration
	Artifacts time.Duration
}

// Backup says when the gateway copies the boards, and what it keeps of that.
type Backup struct {
	Every time.Duration // 0 = never
	Keep  int           // scheduled copies per board
	To    string        // absolute; "" = andon/backups of the home
}

// Planner says who plans tasks in triage: a model behind an endpoint, or a lane.
// With neither there is none.
type Planner struct {
	URL         string // OpenAI-compatible, up to what stands before /chat/completions
	Model       string
	KeyFile     string // absolute after Load, as a sink's secret; "" = none
	KeyEnv      string
	Lane        string
	Timeout     time.Duration   // of one answer of a model
	Auto        kanban.PlanKind // for each task in triage, and applied at once; "" = only when asked
	MaxChildren int
}

// API says where the HTTP API and the dashboard listen besides the unix socket.
type API struct {
	Listen      string   // host:port; "" = only where andon dashboard opens it; ListenOff = never
	Cert, Key   string   // files of TLS
	BehindProxy bool     // a reverse proxy of yours speaks TLS and says who asks
	Hosts       []string // names of this server beside those of loopback
}

// ListenOff is an api.listen that nothing opens.
const ListenOff = "off"

// Presets that are no agent's.
const (
	PresetCommand  = "command"  // of a lane that names none
	PresetExternal = "external" // its workers are not started by Andon: andon run, andon claim
)

// External reports whether Andon starts no workers for the lane.
func (l Lane) External() bool { return l.Preset == PresetExternal }

// Hermes reports whether the lane's workers are of the reference system: the lane
// has the name of their profile.
func (l Lane) Hermes() bool { return l.Preset == preset.Hermes }

// Defaults returns what counts where andon.yaml is silent.
func Defaults() Config {
	return Config{
		Dispatch: Dispatch{
			MaxParallel: 8,
			MaxAttempts: 2,
			Lease:       15 * time.Minute,
			Backoff:     Backoff{Initial: 5 * time.Second, Max: 10 * time.Minute},
			StopGrace:   10 * time.Second,
			PauseAfter:  3,
			MaxCooldown: 8 * day,
			MinFree:     2 << 30,
			MaxChildren: 100,
		},
		Retention: Retention{
			Logs:      30 * day,
			LogSize:   64 << 20,
			Events:    90 * day,
			Scratch:   7 * day,
			Artifacts: 90 * day,
		},
		Backup:  Backup{Every: day, Keep: 7},
		Planner: Planner{Timeout: 2 * time.Minute, MaxChildren: 6},
	}
}
