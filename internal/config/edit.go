package config

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
)

// Starter is the first andon.yaml: everything in it is commented out but one
// lane that works anywhere.
const Starter = `# Lanes are the kinds of worker that tasks are assigned to.
# andon config check  tells what is wrong with this file; the gateway reads it again when it changes.
lanes:
  echo:
    description: prints the title of its task
    command: [echo, "{{.Title}}"]   # argv, never a shell string
    done_when: exit                 # exit status 0 completes the task

# dispatch:
#   max_parallel: 8                 # workers at once
#   max_attempts: 2                 # failed attempts before a task is left to you
# notify:
#   sinks:
#     ops: {type: webhook, url: "https://example.org/hook", secret_env: OPS_SECRET}
`

// WriteStarter makes the first andon.yaml, and its folder, unless there is one.
//
// Errors: unavailable.
func WriteStarter(p Paths) (created bool, err error) {
	if err := os.MkdirAll(p.Dir, 0o700); err != nil {
		return false, kanban.Errorf(kanban.Unavailable, "cannot make the home: %w", err).Hint("choose another with --home or ANDON_HOME")
	}
	f, err := os.OpenFile(p.Config, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, kanban.Errorf(kanban.Unavailable, "cannot write the first configuration: %w", err).Hint("make %s writable, or choose another --home", p.Dir)
	}
	_, err = f.WriteString(Starter)
	return true, errors.Join(err, f.Close())
}

// NewLane is a lane that is to be written into andon.yaml. What is empty is left
// out.
type NewLane struct {
	Name        string
	Description string
	Preset      string
	Command     []string
	Model       string
	Account     string
	MaxParallel int
}

// keys are the lines of the lane, without its name.
func (l NewLane) keys() []string {
	var keys []string
	add := func(key, value string) {
		if value != "" {
			keys = append(keys, key+": "+value)
		}
	}
	quoted := func(s string) string {
		if s == "" {
			return ""
		}
		return strconv.Quote(s)
	}
	add("description", quoted(l.Description))
	add("preset", l.Preset)
	if len(l.Command) > 0 {
		argv := make([]string, len(l.Command))
		for i, arg := range l.Command {
			argv[i] = strconv.Quote(arg)
		}
		add("command", "["+strings.Join(argv, ", ")+"]")
	}
	add("model", quoted(l.Model))
	add("account", l.Account)
	if l.MaxParallel > 0 {
		add("max_parallel", strconv.Itoa(l.MaxParallel))
	}
	return keys
}

func (l NewLane) block(indent string) string {
	text := indent + l.Name + ":\n"
	for _, key := range l.keys() {
		text += indent + "  " + key + "\n"
	}
	return text
}

func (l NewLane) flow() string { return l.Name + ": {" + strings.Join(l.keys(), ", ") + "}" }

// AddLanes returns the text of an andon.yaml with further lanes. Everything else
// in it stays as it is, comments and order included.
//
// Errors: invalid if the file or a lane is wrong; conflict if a name is taken, or
// the lanes cannot be written without changing something else.
func AddLanes(data []byte, lanes []NewLane) ([]byte, error) {
	before, err := Parse("andon.yaml", data)
	if err != nil {
		return nil, err
	}
	for _, l := range lanes {
		if _, taken := before.Lanes[l.Name]; taken {
			return nil, kanban.Errorf(kanban.Conflict, "there is a lane %s already", l.Name).Hint("choose another name, or change it in andon.yaml")
		}
		if err := checkLane(l.Name); err != nil {
			return nil, kanban.Errorf(kanban.Invalid, "%s cannot be the name of a lane", kanban.Quote(l.Name)).Hint("%v", err)
		}
	}
	var add addition
	for _, l := range lanes {
		add = append(add, pair{block: l.block, flow: l.flow()})
	}
	after, ok := grow(data, []string{"lanes"}, add)
	if !ok {
		return nil, byHand(lanes)
	}
	read, err := Parse("andon.yaml", after)
	if err != nil {
		return nil, err
	}
	for _, l := range lanes {
		if _, there := read.Lanes[l.Name]; !there {
			return nil, byHand(lanes)
		}
		delete(read.Lanes, l.Name)
	}
	if len(before.Lanes) == 0 {
		read.Lanes = before.Lanes
	}
	if !reflect.DeepEqual(before, read) {
		return nil, byHand(lanes)
	}
	return after, nil
}

func byHand(lanes []NewLane) error {
	text := ""
	for _, l := range lanes {
		text += "  " + l.flow() + "\n"
	}
	return kanban.Errorf(kanban.Conflict, "lanes cannot be added to an andon.yaml that is written like this").Hint("add them yourself:\nlanes:\n%s", strings.TrimRight(text, "\n"))
}

// Rewrite replaces the file at path by what change makes of it, whole or not at
// all, and keeps what was there in path.bak. The file must be in order before and
// after. changed is false if there was nothing to do.
//
// Errors: as Load and change; conflict if somebody else changed the file
// meanwhile; unavailable if it cannot be written.
func Rewrite(path string, change func([]byte) ([]byte, error)) (changed bool, err error) {
	if _, err := Load(path); err != nil {
		return false, err
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	before, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, kanban.Errorf(kanban.Unavailable, "cannot read the configuration: %w", err)
	}
	after, err := change(before)
	if err != nil || bytes.Equal(before, after) {
		return false, err
	}
	if _, err := Parse(path, after); err != nil {
		return false, err
	}
	if err := replace(path, before, after); err != nil {
		return false, err
	}
	return true, nil
}

func replace(path string, before, after []byte) error {
	mode := fs.FileMode(0o600)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
		if err := os.WriteFile(path+".bak", before, mode); err != nil {
			return unwritable(err)
		}
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return unwritable(err)
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(after)
	if err := errors.Join(err, temp.Chmod(mode), temp.Sync(), temp.Close()); err != nil {
		return unwritable(err)
	}
	if now, err := os.ReadFile(path); err == nil && !bytes.Equal(now, before) {
		return kanban.Errorf(kanban.Conflict, "%s was changed meanwhile", path).Hint("nothing was changed; try again")
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return unwritable(err)
	}
	return nil
}

func unwritable(err error) error {
	return kanban.Errorf(kanban.Unavailable, "cannot write the configuration: %w", err).Hint("make the folder of andon.yaml writable for this user")
}
