package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/andon-dev/andon/internal/kanban"
)

// settable are the keys that may be changed other than by hand: how much and how
// often, never what is run. * stands for a name.
var settable = []string{
	"dispatch.max_parallel", "dispatch.max_attempts", "dispatch.pause_after", "planner.auto", "budget.day",
	"lanes.*.max_parallel", "boards.*.max_parallel", "accounts.*.max_parallel",
}

// Setting is a key that Set changes, with what counts now and what would without
// it, as Set takes them.
type Setting struct {
	Key, Value, Default string
	Choices             []string // nil = a number or an amount
}

// Settings are all that there are: of the home, and of each lane, account and
// named board.
func (c Config) Settings(boards []string) []Setting {
	names := map[string][]string{
		"lanes": slices.Sorted(maps.Keys(c.Lanes)), "accounts": slices.Sorted(maps.Keys(c.Accounts)), "boards": boards,
	}
	now, silent := c.Redacted(), Defaults().Redacted()
	var all []Setting
	for _, pattern := range settable {
		section, rest, named := strings.Cut(pattern, ".*.")
		keys := []string{pattern}
		if named {
			keys = nil
			for _, name := range names[section] {
				keys = append(keys, section+"."+name+"."+rest)
			}
		}
		for _, key := range keys {
			s := Setting{Key: key, Value: lookup(now, key), Default: lookup(silent, key)}
			if key == "planner.auto" {
				if c.Planner.URL == "" && c.Planner.Lane == "" { // nobody plans
					continue
				}
				s.Choices = []string{string(planOff), string(kanban.Specify), string(kanban.Decompose)}
			}
			all = append(all, s)
		}
	}
	return all
}

// lookup finds a key in the shape that Redacted gives, which leaves out what says
// nothing: a number of 0 among it.
func lookup(shown map[string]any, key string) string {
	var at any = shown
	for name := range strings.SplitSeq(key, ".") {
		section, _ := at.(map[string]any)
		at = section[name]
	}
	switch {
	case at != nil:
		return fmt.Sprint(at)
	case strings.HasSuffix(key, ".max_parallel"):
		return "0"
	}
	return ""
}

// Version names the text of an andon.yaml; that of a missing file is an empty
// one's.
func Version(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:6])
}

// Set returns the text of an andon.yaml in which some of its Settings have other
// values; an empty one takes the key out, so that its default counts. Everything
// else stays as it is, comments and order included.
//
// Errors: invalid if the file, a key or a value is wrong; not_found if a lane or
// account is not in the file; conflict if a value cannot be written without changing
// something else.
func Set(data []byte, values map[string]string) ([]byte, error) {
	c, err := Parse("andon.yaml", data)
	if err != nil {
		return nil, err
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if err := c.maySet(key); err != nil {
			return nil, err
		}
		if data, err = set(data, key, values[key]); err != nil {
			return nil, err
		}
	}
	return data, nil
}

func set(data []byte, key, val string) ([]byte, error) {
	want := leaves(data)
	if want[key] == val {
		return data, nil
	}
	after, ok := put(data, key, val)
	if _, r := readAll(after); len(r.problems) > 0 { // not where: nobody sees that text
		return nil, kanban.Errorf(kanban.Invalid, "%s", r.problems[0].message).Hint("%s", r.problems[0].hint)
	}
	if want[key] = val; val == "" {
		delete(want, key)
	}
	if !ok || !maps.Equal(leaves(after), want) {
		return nil, kanban.Errorf(kanban.Conflict, "%s cannot be set in an andon.yaml that is written like this", key).Hint("change it there by hand")
	}
	return after, nil
}

// maySet refuses a key that is no Setting.
func (c Config) maySet(key string) error {
	section, rest, _ := strings.Cut(key, ".")
	name, field, named := strings.Cut(rest, ".")
	pattern := key
	if named {
		pattern = section + ".*." + field
	}
	if !slices.Contains(settable, pattern) {
		err := kanban.Errorf(kanban.Invalid, "%s is not among the settings that can be changed here", kanban.Quote(key))
		return err.Hint("they are %s; everything else is changed in andon.yaml", strings.ReplaceAll(strings.Join(settable, ", "), "*", "NAME"))
	}
	known := true
	switch {
	case !named:
	case section == "lanes":
		_, known = c.Lanes[name]
	case section == "accounts":
		_, known = c.Accounts[name]
	default:
		if err := checkSlug(name); err != nil {
			return kanban.Errorf(kanban.Invalid, "%s cannot be the name of a board", kanban.Quote(name)).Hint("%v", err)
		}
	}
	if !known {
		return kanban.Errorf(kanban.NotFound, "there is no %s in %s of andon.yaml", kanban.Quote(name), section).Hint("andon config show")
	}
	return nil
}

// put writes a value where its key stands, or where a person would write it, or
// takes the key out.
func put(data []byte, key, val string) (after []byte, ok bool) {
	path := strings.Split(key, ".")
	r := &reader{}
	at, section := value{node: r.parse(data)}, value{}
	for _, name := range path {
		entries := r.inside(at)
		i := slices.IndexFunc(entries, func(v value) bool { return v.key.GetToken().Value == name })
		if i < 0 {
			last := len(path) - 1
			line := path[last] + ": " + scalar(val)
			return grow(data, path[:last], addition{{block: func(indent string) string { return indent + line + "\n" }, flow: line}})
		}
		section, at = at, entries[i]
	}
	return overwrite(data, section, at, scalar(val))
}

var plain = regexp.MustCompile(`^[A-Za-z0-9$][A-Za-z0-9.$_-]*$`)

// scalar writes a value so that it is one, whatever is in it; none is none.
func scalar(s string) string {
	if s == "" || plain.MatchString(s) {
		return s
	}
	return strconv.Quote(s)
}

// leaves are all values of a file that are no sections, by their path.
func leaves(data []byte) map[string]string {
	r, all := &reader{}, map[string]string{}
	var walk func(v value)
	walk = func(v value) {
		switch n := v.node.(type) {
		case nil, *ast.NullNode:
		case *ast.MappingNode, *ast.MappingValueNode:
			for _, entry := range r.entries(v) {
				walk(entry)
			}
		case ast.ScalarNode:
			all[v.path], _ = r.scalar(v)
		default:
			all[v.path] = n.String()
		}
	}
	walk(value{node: r.parse(data)})
	return all
}
