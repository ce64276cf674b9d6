package kanban

import (
	"slices"
	"strings"
	"testing"
)

func children(edges ...string) []PlannedTask {
	var all []PlannedTask
	for _, e := range edges {
		key, parents, _ := strings.Cut(e, "<")
		all = append(all, PlannedTask{Key: key, Title: "do " + key, Assignee: "x", Parents: strings.FieldsFunc(parents, func(r rune) bool { return r == ',' })})
	}
	return all
}

func TestPlanOrder(t *testing.T) {
	p := Plan{Children: children("write<analyse", "analyse<a,b", "a", "b")}
	order, err := p.Order()
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, c := range order {
		keys = append(keys, c.Key)
	}
	if got := strings.Join(keys, " "); got != "a b analyse write" {
		t.Errorf("order %s", got)
	}
	if got := p.Leaves(); !slices.Equal(got, []string{"write"}) {
		t.Errorf("leaves %v", got)
	}
}

func TestPlanCheck(t *testing.T) {
	long := strings.Repeat("x", 17<<10)
	for name, tt := range map[string]struct {
		kind PlanKind
		plan Plan
		want string // part of the refusal; "" = it is good
	}{
		"a text":               {Specify, Plan{Title: "Do it"}, ""},
		"one task is enough":   {Decompose, Plan{Body: "Just do it"}, ""},
		"a diamond":            {Decompose, Plan{Children: children("a", "b<a", "c<a", "d<b,c")}, ""},
		"nothing":              {Decompose, Plan{Rationale: "I will not"}, "says nothing"},
		"children of a text":   {Specify, Plan{Children: children("a")}, "to be specified"},
		"too many":             {Decompose, Plan{Children: children("a", "b", "c", "d", "e", "f", "g")}, "7 children"},
		"itself":               {Decompose, Plan{Children: children("a<a")}, "circle"},
		"a circle":             {Decompose, Plan{Children: children("a", "b<d", "c<b", "d<c")}, "circle"},
		"an unknown parent":    {Decompose, Plan{Children: children("a<z")}, `"z", which is not`},
		"a key twice":          {Decompose, Plan{Children: children("a", "a")}, "two children"},
		"no key":               {Decompose, Plan{Children: []PlannedTask{{Title: "x"}}}, "key is empty"},
		"no title":             {Decompose, Plan{Children: []PlannedTask{{Key: "a"}}}, "no title"},
		"a title of two lines": {Specify, Plan{Title: "a\nb"}, "more than one line"},
		"a long title":         {Specify, Plan{Title: long[:300]}, "more than one line or 200"},
		"a long body":          {Specify, Plan{Body: long}, "more than 16384"},
		"a long rationale":     {Specify, Plan{Title: "x", Rationale: long[:3000]}, "rationale"},
		"no text":              {Specify, Plan{Title: "x", Body: "a\x00b"}, "no text"},
		"no UTF-8":             {Specify, Plan{Title: "\xff"}, "no text"},
		"large in sum":         {Decompose, Plan{Body: long[:16000], Children: wide(long[:16000], 9)}, "bytes long"},
	} {
		t.Run(name, func(t *testing.T) {
			limit := 6
			if name == "large in sum" {
				limit = MaxPlanChildren
			}
			err := tt.plan.Check(tt.kind, limit)
			if tt.want == "" && err != nil || tt.want != "" && (CodeOf(err) != Invalid || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func wide(body string, n int) []PlannedTask {
	all := children("a", "b", "c", "d", "e", "f", "g", "h", "i")[:n]
	for i := range all {
		all[i].Body = body
	}
	return all
}

// FuzzPlanOrder: an order holds every child once, each after its parents, or
// there is none.
func FuzzPlanOrder(f *testing.F) {
	f.Add("a b<a c<a,b")
	f.Add("a<b b<a")
	f.Fuzz(func(t *testing.T, words string) {
		p := Plan{Children: children(strings.Fields(words)...)}
		if len(p.Children) > MaxPlanChildren {
			return
		}
		order, err := p.Order()
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, c := range order {
			for _, parent := range c.Parents {
				if !seen[parent] {
					t.Fatalf("%q comes before its parent %q", c.Key, parent)
				}
			}
			seen[c.Key] = true
		}
		if len(seen) != len(p.Children) {
			t.Fatalf("%d of %d", len(seen), len(p.Children))
		}
		if len(order) > 0 && len(p.Leaves()) == 0 {
			t.Fatal("no leaf")
		}
	})
}
