package preset

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"time"
)

// Preset is how one agent program is driven.
type Preset struct {
	Name     string
	Program  string   // argv[0], looked up in PATH
	PassEnv  []string // variables of the gateway that the program may need, such as its key; * stands for any run of characters
	Install  string   // how to get the program
	Reads    []string // of the user's HOME, as ~/..., that it needs behind walls; what is missing is left out
	Writes   []string
	Hosts    []string // that it cannot do without, where the network is proxied: its provider's API and what keeps a login alive
	Spends   bool     // it keeps a limit of cost by itself
	Unpriced bool     // it tells tokens, but no cost
	Sums     bool     // its usage counts all of the session, also what earlier runs of it used

	launch func(Ask) Launch
	reader func() reader
	exits  map[int]Verdict // exit statuses that mean more than failure
}

// All are the presets, by name.
func All() []Preset { return []Preset{claudeCode, codex, gemini, openCode} }

// Named returns the preset of a name; ok is false for names of none.
func Named(name string) (p Preset, ok bool) {
	i := slices.IndexFunc(All(), func(p Preset) bool { return p.Name == name })
	if i < 0 {
		return Preset{}, false
	}
	return All()[i], true
}

// Names are those of All, in order.
func Names() []string {
	var names []string
	for _, p := range All() {
		names = append(names, p.Name)
	}
	return names
}

// Permission is what an agent may do without asking; nobody is there to be asked.
type Permission string

// The permissions.
const (
	Read Permission = "read" // look, and change nothing
	Edit Permission = "edit" // edit files and run commands in the workspace, as far as the program's own sandbox goes
	Full Permission = "full" // anything
)

// Ask is what one run wants of its agent.
type Ask struct {
	Command    []string // replaces the program; nil = the preset's
	Args       []string // further arguments, after the preset's
	Model      string   // "" = the program's own choice
	Permission Permission
	Session    string // to be resumed; "" = a new one
	Budget     int64  // micro-dollars that it may spend, kept by programs that Spend; 0 = no limit
	Bin        string // the andon binary, absolute: its mcp verb is offered as tools
	Dir        string // the run's folder, absolute: where Launch.Files go
}

// Launch is how the program is started. The prompt goes to its standard input:
// it may be longer than an argument, and arguments are everybody's to read.
type Launch struct {
	Argv  []string
	Env   map[string]string // beside what PassEnv names; the lane's own come over it
	Files map[string][]byte // by their name in Ask.Dir
}

// Launch returns how a run is started. A model or session that is no Argument is
// left out.
func (p Preset) Launch(a Ask) Launch {
	if !Argument(a.Model) {
		a.Model = ""
	}
	if !Argument(a.Session) {
		a.Session = ""
	}
	if len(a.Command) == 0 {
		a.Command = []string{p.Program}
	}
	if a.Permission == "" {
		a.Permission = Edit
	}
	return p.launch(a)
}

// Kind is how an agent's work ended, as its program tells.
type Kind string

// The kinds of verdict; "" is that the program has not told.
const (
	Finished Kind = "finished" // it said its last word; whether the task is done is another matter
	Failed   Kind = "failed"   // something broke
	Later    Kind = "later"    // a quota is used up, or the provider is down: nobody's fault, and no use in trying before Until
	Denied   Kind = "denied"   // the account is refused: a login, a key or a payment is missing
	Spent    Kind = "spent"    // it reached the limit of cost that it was given
)

// Verdict is how the work ended, and why.
type Verdict struct {
	Kind   Kind
	Reason string    // a line
	Until  time.Time // of Later: when the provider lets it go on; zero = not told
}

// mcpName is what the programs call Andon's tools.
const mcpName = "andon"

// Identity are the variables by which andon mcp knows its run. Some programs
// start servers with few variables, so each is named.
var Identity = []string{
	"ANDON_TASK", "ANDON_RUN_ID", "ANDON_TOKEN", "ANDON_BOARD", "ANDON_HOME", "ANDON_WORKSPACE", "ANDON_SERVER",
	"ANDON_CONTEXT", "ANDON_RESULT", "ANDON_LANE", "ANDON_ATTEMPT", "ANDON_BRANCH", "ANDON_TENANT", "ANDON_LABELS",
}

// identity maps each variable to what stands for its value in a file, which must
// not hold the token itself.
func identity(reference func(name string) string) map[string]string {
	env := map[string]string{}
	for _, name := range Identity {
		env[name] = reference(name)
	}
	return env
}

// Argument reports whether a word is safe as an argument of its own: no program
// reads it as a flag. Models and sessions come from agents, too.
func Argument(word string) bool { return plain.MatchString(word) }

var plain = regexp.MustCompile(`^[A-Za-z0-9_@~\[][^\x00-\x20\x7f]{0,199}$`)

func jsonOf(v any) []byte {
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		panic(err) // only maps of strings come here
	}
	return append(raw, '\n')
}

// begin is the command line so far, not shared with the lane's.
func (a Ask) begin(argv ...string) []string { return append(slices.Clone(a.Command), argv...) }

func (a Ask) file(name string) string { return filepath.Join(a.Dir, name) }
