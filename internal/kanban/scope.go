package kanban

import "strings"

// Scope is what a human's credential allows. Each allows what those before it do.
type Scope uint8

// The scopes.
const (
	ScopeNone    Scope = iota
	ScopeRead          // see boards, tasks, runs, logs and events
	ScopeComment       // comment on tasks
	ScopeOperate       // do with tasks, and with what keeps them from running, what a human may
	ScopeAdmin         // change boards, the gateway, backups and who may come in
)

var scopeNames = []string{"none", "read", "comment", "operate", "admin"}

func (s Scope) String() string { return scopeNames[min(int(s), len(scopeNames)-1)] }

// ParseScope reads a scope's name.
//
// Errors: invalid.
func ParseScope(name string) (Scope, error) {
	for s := ScopeRead; s <= ScopeAdmin; s++ {
		if name == s.String() {
			return s, nil
		}
	}
	return ScopeNone, Errorf(Invalid, "there is no scope %s", Quote(name)).Hint("%s", strings.Join(scopeNames[ScopeRead:], ", "))
}

// MarshalText writes the scope's name.
func (s Scope) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads it.
func (s *Scope) UnmarshalText(name []byte) (err error) {
	*s, err = ParseScope(string(name))
	return err
}
