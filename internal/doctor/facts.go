package doctor

import "time"

// Facts are what was found in a home, at one time and changing nothing.
type Facts struct {
	Now       time.Time
	Home      Home
	Config    Config
	Gateway   Gateway
	Disk      Disk
	Copies    Copies
	Boards    []Board
	Lanes     []Lane
	Sinks     []Sink
	Runs      Runs
	Holds     []string // boards that are held and not there
	Temporary []string // files of ours that nobody will finish
	Rescued   []string // folders with what latched boards had open
	Guests    string   // why it is not known who may come in from chats; "" = it is
	Unheard   []string // files with what was said in a chat, which could not be read
}

// Home is the folder itself.
type Home struct {
	Path    string
	Missing bool
	Problem string // why it cannot be used; "" = it can
	Way     string // what to do about Problem
	State   string // what is wrong with the file that says what is held; "" = nothing
	Mend    string // what to do about State
	Held    string // why nothing starts in the whole home; "" = it may
	Owner   string // who owns it, if that is somebody else than who looks
	Open    []Mode // what others may enter
}

// Mode is a path that others than its owner may use.
type Mode struct {
	Path string
	Mode uint32 // permission bits
}

// Config is andon.yaml.
type Config struct {
	Path    string
	Problem string // "" = it is in order, or there is none
	Way     string
}

// Gateway is who holds the home.
type Gateway struct {
	Held    bool
	Answers bool
	PID     int // 0 = not known
	Version string
	Asker   string // version of the program that asks
	Idle    string // why nothing is started although it runs; "" = work is started
	Other   string // what is known of another program's gateway; "" = there is none
}

// Disk is what the home lies on.
type Disk struct {
	Free    uint64 // bytes
	MinFree int64  // bytes, as configured; 0 = not looked at
	Problem string // why Free is not known
	Memory  bool   // what lies there is gone with the power
}

// Copies is where backups go.
type Copies struct {
	To      string // backup.to; "" = the home's own folder
	Problem string // why none can be put or looked for there; "" = they can
}

// Board is one board that is not archived.
type Board struct {
	Slug      string
	Unopened  string   // why it was not looked into; "" = it was
	Problem   string   // why it cannot be opened or written
	Way       string   // what to do about Problem
	Broken    []string // what the quick check of its file finds
	Holders   []Holder // processes that have its files open, the one that looks left out
	Parked    int      // messages that were given up
	LastEvent time.Time
	Backup    time.Time // of the newest sound backup; zero = none
	Unmade    string    // why the last scheduled backup failed; "" = it did not, or nobody knows
	Unsound   string    // id of the newest backup, if that is not sound
	Stale     int       // workspaces beyond retention
}

// Holder is a process that has a file of a board open.
type Holder struct {
	Name string
	PID  int
	Ours bool // it is Andon's
}

// Lane is a configured lane.
type Lane struct {
	Name    string
	Command string   // what is started
	Problem string   // why it cannot be; "" = it can
	Unset   []string // variables of pass_env that are not set
}

// Sink is a configured sink with something wrong.
type Sink struct {
	Name    string
	Problem string
}

// Runs are runs whose processes and rows do not fit.
type Runs struct {
	Orphans []Orphan // of runs that are over
	Strays  []string // folders without a run
	Dead    []string // open runs without a living supervisor, as BOARD.NUMBER
}

// Orphan is what lives on of a run that is over.
type Orphan struct {
	Folder string
	PIDs   []int
}
