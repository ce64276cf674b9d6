package config

import (
	"reflect"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
)

// AddSink returns the text of an andon.yaml with a further sink, whose keys and
// values come in the order in which they are to be written. Everything else in it
// stays as it is, comments and order included.
//
// Errors: invalid if the file or the sink is wrong; conflict if the name is taken,
// or it cannot be written without changing something else.
func AddSink(data []byte, name string, keys [][2]string) ([]byte, error) {
	before, err := Parse("andon.yaml", data)
	if err != nil {
		return nil, err
	}
	if _, taken := before.Notify.Sinks[name]; taken {
		return nil, kanban.Errorf(kanban.Conflict, "there is a sink %s already", name).Hint("choose another name, or change it in andon.yaml")
	}
	if err := checkSlug(name); err != nil {
		return nil, kanban.Errorf(kanban.Invalid, "%s cannot be the name of a sink", kanban.Quote(name)).Hint("%v", err)
	}
	words := make([]string, len(keys))
	for i, k := range keys {
		words[i] = k[0] + ": " + scalar(k[1])
	}
	text := name + ": {" + strings.Join(words, ", ") + "}"
	after, ok := grow(data, []string{"notify", "sinks"}, addition{{
		block: func(indent string) string { return indent + text + "\n" }, flow: text,
	}})
	byHand := kanban.Errorf(kanban.Conflict, "a sink cannot be added to an andon.yaml that is written like this").Hint("add it yourself:\nnotify:\n  sinks:\n    %s", text)
	if !ok {
		return nil, byHand
	}
	read, err := Parse("andon.yaml", after)
	if err != nil {
		return nil, err
	}
	if _, there := read.Notify.Sinks[name]; !there {
		return nil, byHand
	}
	delete(read.Notify.Sinks, name)
	if len(before.Notify.Sinks) == 0 {
		read.Notify.Sinks = before.Notify.Sinks
	}
	read.Version = before.Version
	if !reflect.DeepEqual(before, read) {
		return nil, byHand
	}
	return after, nil
}
