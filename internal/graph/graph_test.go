package graph

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// edges is a graph, each node with those that follow it.
type edges map[string][]string

func (e edges) next(node string) ([]string, error) { return e[node], nil }

func TestPathTo(t *testing.T) {
	g := edges{"plan": {"api", "ui"}, "api": {"test"}, "ui": {"test"}, "test": {"merge"}, "loop": {"loop", "loop2"}, "loop2": {"loop"}}
	for _, c := range []struct {
		from, to string
		want     []string
	}{
		{"plan", "merge", []string{"plan", "api", "test", "merge"}},
		{"ui", "merge", []string{"ui", "test", "merge"}},
		{"plan", "plan", []string{"plan"}}, // a task that waits for itself
		{"merge", "plan", nil},
		{"loop", "plan", nil}, // a cycle that somebody wrote by hand ends the search too
		{"nowhere", "plan", nil},
	} {
		if got, err := PathTo(c.from, c.to, g.next); !slices.Equal(got, c.want) || err != nil {
			t.Errorf("%s to %s: %v, %v; want %v", c.from, c.to, got, err, c.want)
		}
	}
}

func TestPathToAsksEachNodeOnce(t *testing.T) {
	g := edges{"a": {"b", "c"}, "b": {"d"}, "c": {"d"}, "d": {"a"}}
	asked := map[string]int{}
	_, err := PathTo("a", "z", func(node string) ([]string, error) {
		asked[node]++
		return g.next(node)
	})
	if err != nil || len(asked) != 4 {
		t.Errorf("asked %v, %v", asked, err)
	}
	for node, n := range asked {
		if n != 1 {
			t.Errorf("asked %s %d times", node, n)
		}
	}
}

func TestPathToPassesOnErrors(t *testing.T) {
	broken := errors.New("the store is away")
	if _, err := PathTo("a", "b", func(string) ([]string, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// TestG17_PathToFindsEveryCycle holds it against the transitive closure.
func TestG17_PathToFindsEveryCycle(t *testing.T) {
	const n = 6
	rapid.Check(t, func(rt *rapid.T) {
		g, reach := edges{}, map[[2]string]bool{}
		node := func(i int) string { return fmt.Sprint("t", i) }
		for _, pair := range rapid.SliceOfN(rapid.IntRange(0, n*n-1), 0, 12).Draw(rt, "edges") {
			from, to := node(pair/n), node(pair%n)
			g[from] = append(g[from], to)
			reach[[2]string{from, to}] = true
		}
		for k := range n {
			reach[[2]string{node(k), node(k)}] = true
			for i := range n {
				for j := range n {
					if reach[[2]string{node(i), node(k)}] && reach[[2]string{node(k), node(j)}] {
						reach[[2]string{node(i), node(j)}] = true
					}
				}
			}
		}
		for i := range n {
			for j := range n {
				path, err := PathTo(node(i), node(j), g.next)
				if err != nil || (path != nil) != reach[[2]string{node(i), node(j)}] {
					rt.Fatalf("%s to %s: %v, %v", node(i), node(j), path, err)
				}
				wantWalk(rt, g, path, node(i), node(j))
			}
		}
	})
}

func wantWalk(rt *rapid.T, g edges, path []string, from, to string) {
	if path == nil {
		return
	}
	if path[0] != from || path[len(path)-1] != to {
		rt.Fatalf("%v does not lead from %s to %s", path, from, to)
	}
	for i, node := range path[1:] {
		if !slices.Contains(g[path[i]], node) {
			rt.Fatalf("%v takes a step that is no edge", path)
		}
	}
}
