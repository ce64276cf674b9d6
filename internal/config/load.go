package config

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/andon-dev/andon/internal/kanban"
)

// maxFile bounds what is read as andon.yaml, in bytes: the parser takes
// quadratic time over deep nesting.
const maxFile = 256 << 10

// Load reads the file at path; a missing one gives the defaults. Relative
// secret files are resolved against the file's folder. It never writes.
//
// Errors: invalid with every problem found, each as file:line:column;
// unavailable if the file is there but cannot be read.
func Load(path string) (Config, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		c := Defaults()
		c.Version = Version(nil)
		return c, nil
	}
	if err != nil {
		return Config{}, kanban.Errorf(kanban.Unavailable, "cannot read the configuration: %w", err).
			Hint("make %s a file that this user may read", path)
	}
	c, err := Parse(path, data)
	if err != nil {
		return Config{}, err
	}
	c.Version = Version(data)
	folder, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return Config{}, kanban.Errorf(kanban.Unavailable, "cannot tell the folder of %s: %w", path, err)
	}
	for name, s := range c.Notify.Sinks {
		for _, file := range []*string{&s.SecretFile, &s.AppFile} {
			if *file != "" && !filepath.IsAbs(*file) {
				*file = filepath.Join(folder, *file)
			}
		}
		c.Notify.Sinks[name] = s
	}
	if c.Planner.KeyFile != "" && !filepath.IsAbs(c.Planner.KeyFile) {
		c.Planner.KeyFile = filepath.Join(folder, c.Planner.KeyFile)
	}
	for _, file := range []*string{&c.API.Cert, &c.API.Key} {
		if *file != "" && !filepath.IsAbs(*file) {
			*file = filepath.Join(folder, *file)
		}
	}
	return c, nil
}

// Parse reads data strictly over the defaults. name is what its errors call the
// file.
//
// Errors: invalid with every problem found, each as name:line:column.
func Parse(name string, data []byte) (Config, error) {
	c, r := readAll(data)
	if err := r.err(name); err != nil {
		return Config{}, err
	}
	return c, nil
}

// readAll reads data over the defaults; what is wrong stands in the reader.
func readAll(data []byte) (Config, *reader) {
	c, r := Defaults(), &reader{}
	if root := r.parse(data); root != nil {
		r.config(&c)(value{node: root})
	}
	for _, check := range r.later {
		check()
	}
	return c, r
}

// parse returns the syntax tree of the only document, nil if it is empty or not
// YAML.
func (r *reader) parse(data []byte) ast.Node {
	if len(data) > maxFile {
		r.problems = append(r.problems, problem{line: 1, column: 1, message: "the file is larger than " + formatSize(maxFile)})
		return nil
	}
	file, err := parser.ParseBytes(bytes.TrimPrefix(data, []byte("\ufeff")), 0)
	if err != nil {
		p := problem{line: 1, column: 1, message: err.Error()}
		if e, ok := errors.AsType[yaml.Error](err); ok {
			p.message = e.GetMessage()
			if tk := e.GetToken(); tk != nil && tk.Position != nil {
				p.line, p.column = tk.Position.Line, tk.Position.Column
			}
		}
		r.problems = append(r.problems, p)
		return nil
	}
	var root ast.Node
	for _, doc := range file.Docs {
		switch {
		case doc.Body == nil:
		case root == nil:
			root = doc.Body
		default:
			r.refuse(doc.Body, "put everything into the first", "there is a second document")
		}
	}
	return root
}
