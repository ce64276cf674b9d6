package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// mutation is one breach: in file, find becomes put. find must occur exactly
// once, so that a mutation that no longer fits the code is an error.
type mutation struct {
	name   string
	breaks string // the promise
	module string // "" = Andon's own code; else file is in that dependency
	file   string
	find   string
	put    string
	pkg    string // where the tests are that must notice
	tests  string // their names, a regular expression
}

// apply changes the copy of the tree in dir. undo brings it back.
func (m mutation) apply(ctx context.Context, dir string) (undo func() error, err error) {
	if m.module == "" {
		return m.edit(filepath.Join(dir, m.file))
	}
	copied, restore, err := m.replaceModule(ctx, dir)
	if err != nil {
		return nil, err
	}
	if _, err := m.edit(filepath.Join(copied, m.file)); err != nil {
		return nil, errors.Join(err, restore())
	}
	return restore, nil
}

func (m mutation) edit(path string) (undo func() error, err error) {
	before, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	after, err := m.change(string(before))
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(path, []byte(after), 0o644); err != nil {
		return nil, err
	}
	return func() error { return os.WriteFile(path, before, 0o644) }, nil
}

func (m mutation) change(source string) (string, error) {
	if n := strings.Count(source, m.find); n != 1 {
		return "", fmt.Errorf("%s has %d places like %q, and one is needed: adapt it in test/mutations", m.file, n, m.find)
	}
	return strings.Replace(source, m.find, m.put, 1), nil
}

// replaceModule lets the tree in dir build with a copy of a dependency.
func (m mutation) replaceModule(ctx context.Context, dir string) (copied string, undo func() error, err error) {
	goTool := func(args ...string) (string, error) {
		cmd := exec.CommandContext(ctx, "go", args...)
		cmd.Dir = dir
		out, err := cmd.Output()
		return strings.TrimSpace(string(out)), err
	}
	from, err := goTool("list", "-m", "-f", "{{.Dir}}", m.module)
	if err != nil {
		return "", nil, fmt.Errorf("where %s is: %w", m.module, err)
	}
	copied = filepath.Join(dir, "module-copy")
	modFile := filepath.Join(dir, "go.mod")
	before, err := os.ReadFile(modFile)
	if err != nil {
		return "", nil, err
	}
	undo = func() error { return errors.Join(os.WriteFile(modFile, before, 0o644), os.RemoveAll(copied)) }
	err = os.CopyFS(copied, os.DirFS(from))
	if err == nil {
		err = writable(copied)
	}
	if err == nil {
		_, err = goTool("mod", "edit", "-replace", m.module+"=./module-copy")
	}
	if err != nil {
		return "", nil, errors.Join(err, undo())
	}
	return copied, undo, nil
}

// writable undoes the module cache's protection.
func writable(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.Chmod(path, 0o755)
		}
		return os.Chmod(path, 0o644)
	})
}
