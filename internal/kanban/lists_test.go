package kanban

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// TestListsAreComplete: who goes over all values of a kind goes over all that are
// declared, once each.
func TestListsAreComplete(t *testing.T) {
	declared := constants(t)
	for kind, listed := range map[string][]string{
		"Outcome": words(Outcomes), "Status": words(Statuses), "EventKind": words(EventKinds), "When": words(Conditions),
	} {
		want := declared[kind]
		slices.Sort(want)
		slices.Sort(listed)
		if len(want) == 0 || !slices.Equal(listed, want) {
			t.Errorf("%s: listed %q, declared %q", kind, listed, want)
		}
	}
}

func words[S ~string](list []S) (words []string) {
	for _, w := range list {
		words = append(words, string(w))
	}
	return words
}

// constants are the texts of the package's typed constants, by type.
func constants(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, is := n.(*ast.ValueSpec)
			if !is {
				return true
			}
			if kind, typed := spec.Type.(*ast.Ident); typed {
				for _, v := range spec.Values {
					found[kind.Name] = append(found[kind.Name], literal(v)...)
				}
			}
			return true
		})
	}
	return found
}

func literal(e ast.Expr) []string {
	text, is := e.(*ast.BasicLit)
	if !is || text.Kind != token.STRING {
		return nil
	}
	word, _ := strconv.Unquote(text.Value) // the compiler took it
	return []string{word}
}
