package config

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"

	"github.com/andon-dev/andon/internal/kanban"
)

// Fields is what the arguments of a lane's command may name.
type Fields struct {
	TaskID    string
	RunID     int64
	Board     string
	Workspace string
	Title     string
	Branch    string
	Tenant    string
	Prompt    string
}

var fieldNames = func() []string {
	var names []string
	for f := range reflect.TypeFor[Fields]().Fields() {
		names = append(names, f.Name)
	}
	return names
}()

// Argv returns the command line of one run. Each element of the lane's command
// is one template and becomes one argument, whatever stands in its fields;
// there is no shell.
//
// Errors: invalid if a field holds a NUL character, which no argument can.
func (l Lane) Argv(f Fields) ([]string, error) { return l.render(l.Command, f) }

// ExtraArgs returns the lane's args for one run, in the same way.
func (l Lane) ExtraArgs(f Fields) ([]string, error) { return l.render(l.Args, f) }

func (l Lane) render(list []string, f Fields) ([]string, error) {
	argv := make([]string, len(list))
	for i, element := range list {
		arg, err := render(element, f)
		if err == nil {
			err = checkNUL(arg)
		}
		if err != nil {
			return nil, kanban.Errorf(kanban.Invalid, "argument %d of lane %s: %w", i, l.Name, err)
		}
		argv[i] = arg
	}
	return argv, nil
}

func render(element string, f Fields) (string, error) {
	t, err := template.New("argument").Parse(element)
	if err != nil {
		_, reason, _ := strings.Cut(err.Error(), ":1: ")
		return "", fmt.Errorf("not a template: %s", reason)
	}
	if err := checkFields(t); err != nil {
		return "", err
	}
	var arg strings.Builder
	if err := t.Execute(&arg, f); err != nil {
		return "", err
	}
	return arg.String(), nil
}

// checkFields accepts text and plain fields. Everything else that a template
// can do is a program of its own, which belongs into the lane's command.
func checkFields(t *template.Template) error {
	for _, node := range t.Root.Nodes {
		switch n := node.(type) {
		case *parse.TextNode:
		case *parse.ActionNode:
			if err := checkField(n); err != nil {
				return err
			}
		default:
			return errOnlyFields
		}
	}
	if len(t.Templates()) > 1 {
		return errOnlyFields
	}
	return nil
}

var errOnlyFields = errors.New("only text and fields such as {{.TaskID}}")

func checkField(n *parse.ActionNode) error {
	if len(n.Pipe.Decl) != 0 || len(n.Pipe.Cmds) != 1 || len(n.Pipe.Cmds[0].Args) != 1 {
		return errOnlyFields
	}
	field, ok := n.Pipe.Cmds[0].Args[0].(*parse.FieldNode)
	if !ok || len(field.Ident) != 1 {
		return errOnlyFields
	}
	name := field.Ident[0]
	if slices.Contains(fieldNames, name) {
		return nil
	}
	if near := kanban.Nearest(name, fieldNames); near != "" {
		return fmt.Errorf("there is no field %s; did you mean %s?", name, near)
	}
	return fmt.Errorf("there is no field %s; there are %s", name, strings.Join(fieldNames, ", "))
}

func checkTemplate(element string) error {
	sample := Fields{TaskID: "t_00000000", RunID: 1, Board: kanban.DefaultBoard}
	if _, err := render(element, sample); err != nil {
		return err
	}
	return checkNUL(element)
}
