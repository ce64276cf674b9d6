package config

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"

	"github.com/andon-dev/andon/internal/kanban"
)

const argvList = `a list of commands, argv each, such as [[make, test]]; there is no shell`

// commands reads a list of argv lists, taken as they stand.
func (r *reader) commands(into *[][]string) read {
	return func(v value) {
		seq, ok := v.node.(*ast.SequenceNode)
		if !ok || len(seq.Values) == 0 {
			r.refuse(v.place(), argvList, "%s must be a list of commands that is not empty", v.path)
			return
		}
		all := make([][]string, len(seq.Values))
		for i, node := range seq.Values {
			item := value{path: fmt.Sprintf("%s[%d]", v.path, i), key: v.key, node: node}
			r.list(&all[i], argvList, checkNUL)(item)
			if len(all[i]) > 0 && all[i][0] == "" {
				r.refuse(item.place(), "", "%s must begin with the name of a program", item.path)
			}
		}
		*into = all
	}
}

// review reads who judges: human, or another lane that is configured, too.
func (r *reader) review(l *Lane, c *Config) read {
	return r.section(map[string]read{
		"by": func(v value) {
			s, ok := r.scalar(v)
			if !ok {
				return
			}
			l.Review.By = s
			if s == l.Name {
				r.refuse(v.place(), "human, or the name of another lane", "%s: the lane %s would review its own work", v.path, s)
				return
			}
			r.later = append(r.later, func() {
				if _, known := c.Lanes[s]; known || s == kanban.ReviewedByHuman {
					return
				}
				hint := "human, or the name of a lane"
				if near := kanban.Nearest(s, keysOf(c.Lanes)); near != "" {
					hint = fmt.Sprintf("did you mean %q?", near)
				}
				r.refuse(v.place(), hint, "there is no lane %q", s)
			})
		},
		"max_rounds": r.number(&l.Review.MaxRounds, 1, 1000),
	})
}
