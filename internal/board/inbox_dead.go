package board

import (
	"fmt"
	"strings"
)

// maxNamed bounds the tasks that one item names; who is not is named by the next.
const maxNamed = 20

// deadEnds are the parents that were put away unfinished, one item for all that
// wait for each.
func (v *view) deadEnds() (all []Waiting, err error) {
	waiting := map[string][]string{}
	for _, e := range v.dead {
		waiting[e.Parent] = append(waiting[e.Parent], e.Child)
	}
	for _, e := range v.dead {
		children := waiting[e.Parent]
		if len(children) == 0 {
			continue // told
		}
		delete(waiting, e.Parent)
		n, err := v.behind(children...)
		if err != nil {
			return nil, err
		}
		named := children[:min(len(children), maxNamed)]
		who := strings.Join(named, ", ")
		if more := len(children) - len(named); more > 0 {
			who += fmt.Sprintf(" and %d more", more)
		}
		start := "andon promote " + named[0]
		if len(named) > 1 {
			start += " --ids " + strings.Join(named[1:], ",")
		}
		all = append(all, Waiting{
			Kind: WaitDeadEnd, Board: v.b.slug, Task: e.parent, Since: e.parent.UpdatedAt, Behind: n + 1,
			Reason:   fmt.Sprintf("it is %s, and what waits for it never starts: %s", putAway(e.parent), who),
			Commands: []string{"andon unarchive " + e.Parent, start + " --force --reason TEXT", "andon cancel " + strings.Join(named, " ")},
		})
	}
	return all, nil
}
