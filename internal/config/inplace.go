package config

import (
	"bytes"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// pair is a key with its value that is to be written: in lines of its own at an
// indent, or within { }.
type pair struct {
	block func(indent string) string
	flow  string
}

type addition []pair

func (a addition) block(indent string) string {
	text := ""
	for _, p := range a {
		text += p.block(indent)
	}
	return text
}

func (a addition) flow() string {
	words := make([]string, len(a))
	for i, p := range a {
		words[i] = p.flow
	}
	return strings.Join(words, ", ")
}

// below makes an addition one of a section that is not there yet.
func (a addition) below(name string) addition {
	return addition{{
		block: func(indent string) string { return indent + name + ":\n" + a.block(indent+"  ") },
		flow:  name + ": {" + a.flow() + "}",
	}}
}

// grow returns a file with an addition at the end of the section at path, in the
// style of that section; ok is false if that cannot be told. Nothing else moves.
func grow(data []byte, path []string, add addition) (after []byte, ok bool) {
	r := &reader{}
	lines := strings.SplitAfter(string(data), "\n")
	section, end, inLine := value{node: r.parse(data)}, len(lines), false
	for len(path) > 0 {
		entries := r.inside(section)
		at := slices.IndexFunc(entries, func(v value) bool { return v.key.GetToken().Value == path[0] })
		if at < 0 {
			break
		}
		if at+1 < len(entries) {
			end = entries[at+1].key.GetToken().Position.Line - 1
		}
		inLine = flow(section)
		section, path = entries[at], path[1:]
	}
	for _, name := range slices.Backward(path) {
		add = add.below(name)
	}
	if flow(section) {
		return growFlow(lines, section.node.(*ast.MappingNode), add.flow())
	}
	if inLine { // and without a value
		return nil, false
	}
	first, indent := 0, ""
	entries := r.inside(section)
	switch {
	case section.key == nil: // the whole file
	case len(entries) == 0:
		first = section.key.GetToken().Position.Line
		end, indent = first, strings.Repeat(" ", section.key.GetToken().Position.Column+1)
	default:
		first, indent = section.key.GetToken().Position.Line, strings.Repeat(" ", entries[0].key.GetToken().Position.Column-1)
	}
	// What stands further left, or is blank, belongs to what follows.
	for section.key != nil && end > first && (strings.TrimSpace(lines[end-1]) == "" || !strings.HasPrefix(lines[end-1], indent)) {
		end--
	}
	head := strings.Join(lines[:end], "")
	if head != "" && !strings.HasSuffix(head, "\n") {
		head += "\n"
	}
	return newlines(data, head+add.block(indent)+strings.Join(lines[end:], "")), len(r.problems) == 0
}

// flow reports whether a section is written in { }.
func flow(v value) bool {
	m, mapping := v.node.(*ast.MappingNode)
	return mapping && m.IsFlowStyle
}

// inside are the pairs of a section that may be missing.
func (r *reader) inside(v value) []value {
	if v.node == nil {
		return nil
	}
	return r.entries(v)
}

// growFlow writes into { ... }, before its end.
func growFlow(lines []string, m *ast.MappingNode, text string) (after []byte, ok bool) {
	if m.End == nil || m.End.Position == nil || m.End.Position.Line > len(lines) {
		return nil, false
	}
	line := []rune(lines[m.End.Position.Line-1])
	col := m.End.Position.Column - 1
	if col < 0 || col >= len(line) || line[col] != '}' {
		return nil, false
	}
	if len(m.Values) > 0 {
		text = ", " + text
	}
	lines[m.End.Position.Line-1] = strings.TrimRight(string(line[:col]), " ") + text + string(line[col:])
	return []byte(strings.Join(lines, "")), true
}

// newlines gives the text the line ends that the file has.
func newlines(data []byte, text string) []byte {
	if bytes.Contains(data, []byte("\r\n")) {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
	}
	return []byte(text)
}

// overwrite puts another scalar where one stands on the line of its key; "" takes
// both out.
func overwrite(data []byte, section, at value, text string) (after []byte, ok bool) {
	key, old := at.key.GetToken(), at.node.GetToken()
	lines := strings.SplitAfter(string(data), "\n")
	if old == nil || old.Position == nil || old.Position.Line != key.Position.Line || key.Position.Line > len(lines) {
		return nil, false
	}
	n := key.Position.Line - 1
	line := []rune(lines[n])
	begin, from := key.Position.Column-1, old.Position.Column-1
	if begin < 0 || from <= begin || from >= len(line) {
		return nil, false
	}
	to := from + len([]rune(old.Value))
	if quote := line[from]; quote == '"' || quote == '\'' {
		to = from + 2 + slices.Index(line[from+1:], quote)
	}
	if to <= from || to > len(line) {
		return nil, false
	}
	switch {
	case text != "":
		lines[n] = string(line[:from]) + text + string(line[to:])
	case flow(section):
		lines[n] = joined(string(line[:begin]), string(line[to:]))
	default:
		lines[n] = ""
	}
	return []byte(strings.Join(lines, "")), true
}

// joined is what remains in { } of what stood before and after a pair.
func joined(before, after string) string {
	before, after = strings.TrimRight(before, " "), strings.TrimLeft(after, " ")
	if rest, more := strings.CutPrefix(after, ","); more {
		if strings.HasSuffix(before, ",") {
			before += " "
		}
		return before + strings.TrimLeft(rest, " ")
	}
	return strings.TrimSuffix(before, ",") + after
}
