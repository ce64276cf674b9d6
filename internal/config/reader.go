package config

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/andon-dev/andon/internal/kanban"
)

// value is one value of the file: where it stands, and what it is called.
type value struct {
	path string // lanes.builder.command
	key  ast.Node
	node ast.Node
}

// place is where a reader is pointed for a problem with v: the value itself if
// it stands on one line, else its key.
func (v value) place() ast.Node {
	switch v.node.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode, *ast.InfinityNode, *ast.NanNode:
		return v.node
	}
	if v.key != nil {
		return v.key
	}
	return v.node
}

// read takes one value of the file and either stores it or notes a problem.
type read func(v value)

// reader gathers the problems of one file.
type reader struct {
	problems []problem
	later    []func()          // checks that need the whole file
	listens  map[secret]string // sinks that listen, by the places of their tokens
}

type problem struct {
	line, column  int
	message, hint string
}

func (r *reader) refuse(at ast.Node, hint, format string, args ...any) {
	p := problem{message: fmt.Sprintf(format, args...), hint: hint}
	if tk := at.GetToken(); tk != nil && tk.Position != nil {
		p.line, p.column = tk.Position.Line, tk.Position.Column
	}
	r.problems = append(r.problems, p)
}

// section reads a mapping whose keys are all known.
func (r *reader) section(known map[string]read) read {
	return func(v value) {
		for _, entry := range r.entries(v) {
			name := entry.key.GetToken().Value
			if field, ok := known[name]; ok {
				field(entry)
				continue
			}
			r.refuse(entry.key, unknownHint(name, keysOf(known)), "unknown key %q%s", name, inside(v.path))
		}
	}
}

func unknownHint(name string, known []string) string {
	for _, kind := range []string{"secret", "token"} {
		if slices.Contains(known, kind+"_file") && isSecret(name, "") {
			return fmt.Sprintf("a secret never stands in andon.yaml: name its file with %s_file, or its variable with %s_env", kind, kind)
		}
	}
	if name == "url" && slices.Contains(known, "url_file") {
		return "it holds keys, so it never stands in andon.yaml: name its file with url_file, or its variable with url_env"
	}
	if near := kanban.Nearest(name, known); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "known here: " + strings.Join(known, ", ")
}

func inside(path string) string {
	if path == "" {
		return ""
	}
	return " in " + path
}

// entries returns the pairs of a mapping in the order of the file. A section
// without a value is an empty one: that is what remains when its lines are
// commented out.
func (r *reader) entries(v value) []value {
	var pairs []*ast.MappingValueNode
	switch n := v.node.(type) {
	case *ast.NullNode:
		return nil
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		r.unexpected(v, "a section of keys")
		return nil
	}
	var list []value
	for _, pair := range pairs {
		key, ok := pair.Key.(ast.ScalarNode)
		if _, merge := pair.Key.(*ast.MergeKeyNode); !ok || merge || key.GetToken() == nil || pair.Value == nil {
			r.refuse(pair, "", "only plain words can be keys%s", inside(v.path))
			continue
		}
		path := key.GetToken().Value
		if v.path != "" {
			path = v.path + "." + path
		}
		list = append(list, value{path: path, key: key, node: pair.Value})
	}
	return list
}

// named reads a mapping whose keys are names given by the user.
func named[T any](r *reader, into *map[string]T, check func(string) error, body func(name string, at value, item *T) read) read {
	return func(v value) {
		items := map[string]T{}
		for _, entry := range r.entries(v) {
			name := entry.key.GetToken().Value
			if err := check(name); err != nil {
				r.refuse(entry.key, err.Error(), "%q cannot be a name%s", name, inside(v.path))
				continue
			}
			var item T
			body(name, entry, &item)(entry)
			items[name] = item
		}
		if len(items) > 0 {
			*into = items
		}
	}
}

// text reads a scalar as it is written and hands it to accept, whose error says
// what would be accepted.
func (r *reader) text(accept func(string) error) read {
	return func(v value) {
		s, ok := r.scalar(v)
		if !ok {
			return
		}
		if err := accept(s); err != nil {
			r.refuse(v.place(), err.Error(), "%s cannot be %q", v.path, s)
		}
	}
}

// private is text whose value no error repeats: a secret may stand in it.
func (r *reader) private(accept func(string) error) read {
	return func(v value) {
		s, ok := r.scalar(v)
		if !ok {
			return
		}
		if err := accept(s); err != nil {
			r.refuse(v.place(), err.Error(), "%s cannot have this value", v.path)
		}
	}
}

func (r *reader) scalar(v value) (string, bool) {
	switch n := v.node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	r.unexpected(v, "one value")
	return "", false
}

func (r *reader) unexpected(v value, want string) {
	path := v.path
	if path == "" {
		path = "the file"
	}
	switch v.node.(type) {
	case *ast.AnchorNode, *ast.AliasNode:
		r.refuse(v.place(), "write the value out where it is needed", "%s uses an anchor or alias", path)
	case *ast.TagNode:
		r.refuse(v.place(), "leave the tag away", "%s has a tag", path)
	case *ast.NullNode:
		r.refuse(v.place(), "write "+want+", or leave the key away", "%s is empty", path)
	default:
		r.refuse(v.place(), "", "%s must be %s", path, want)
	}
}

func (r *reader) number(into *int, lowest, highest int) read {
	return r.text(func(s string) error {
		n, err := strconv.Atoi(s)
		if err != nil || n < lowest || n > highest {
			return fmt.Errorf("a whole number from %d to %d", lowest, highest)
		}
		*into = n
		return nil
	})
}

func (r *reader) duration(into *time.Duration, lowest, highest time.Duration) read {
	return r.durationOr(into, lowest, highest, false)
}

// optionalDuration also accepts 0, which stands for "none".
func (r *reader) optionalDuration(into *time.Duration, lowest, highest time.Duration) read {
	return r.durationOr(into, lowest, highest, true)
}

func (r *reader) durationOr(into *time.Duration, lowest, highest time.Duration, orZero bool) read {
	return r.text(func(s string) error {
		d, err := parseDuration(s)
		if err != nil || (d < lowest || d > highest) && !(orZero && d == 0) {
			want := fmt.Sprintf("a duration from %s to %s, such as 90s, 15m or 30d", formatDuration(lowest), formatDuration(highest))
			if orZero {
				want += "; 0 for none"
			}
			return fmt.Errorf("%s", want)
		}
		*into = d
		return nil
	})
}

func (r *reader) size(into *int64, lowest, highest int64) read {
	return r.text(func(s string) error {
		n, err := parseSize(s)
		if err != nil || n < lowest || n > highest {
			return fmt.Errorf("a size from %s to %s, such as 64MiB or 2GiB", formatSize(lowest), formatSize(highest))
		}
		*into = n
		return nil
	})
}

// word reads one of a few words.
func word[T ~string](r *reader, into *T, known ...T) read {
	return r.text(func(s string) error {
		if !slices.Contains(known, T(s)) {
			return fmt.Errorf("one of %s", joinWords(known))
		}
		*into = T(s)
		return nil
	})
}

func joinWords[T ~string](words []T) string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = string(w)
	}
	return strings.Join(list, ", ")
}

// list reads a sequence of scalars; accept judges each, nil accepts all.
func (r *reader) list(into *[]string, want string, accept func(string) error) read {
	return func(v value) {
		seq, ok := v.node.(*ast.SequenceNode)
		if !ok || len(seq.Values) == 0 {
			r.refuse(v.place(), want, "%s must be a list that is not empty", v.path)
			return
		}
		items := make([]string, 0, len(seq.Values))
		for i, node := range seq.Values {
			item := value{path: fmt.Sprintf("%s[%d]", v.path, i), key: v.key, node: node}
			s, ok := r.scalar(item)
			if !ok {
				continue
			}
			if err := accept(s); err != nil {
				r.refuse(item.place(), err.Error(), "%s cannot be %q", item.path, s)
				continue
			}
			items = append(items, s)
		}
		*into = items
	}
}

// err tells all problems in the order of the file.
func (r *reader) err(name string) error {
	if len(r.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(r.problems, func(a, b problem) int {
		return cmp.Or(a.line-b.line, a.column-b.column)
	})
	if len(r.problems) == 1 {
		p := r.problems[0]
		return kanban.Errorf(kanban.Invalid, "%s:%d:%d: %s", name, p.line, p.column, p.message).Hint("%s", cmp.Or(p.hint, edited))
	}
	lines := []string{fmt.Sprintf("%s has %d problems", name, len(r.problems))}
	for _, p := range r.problems {
		line := fmt.Sprintf("%s:%d:%d: %s", name, p.line, p.column, p.message)
		if p.hint != "" {
			line += " (" + p.hint + ")"
		}
		lines = append(lines, line)
	}
	return kanban.Errorf(kanban.Invalid, "%s", strings.Join(lines, "\n")).Hint(edited)
}

const edited = "andon config check  reads the file again once it is edited"
