package archtest

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

var row = regexp.MustCompile(`(?m)^\| (\S+\.\S+/\S+|\S+\.\S+) \| (v\S+) \| (\S.*?) \| (\S.*?) \|`)

// Each module that we import has a line in docs/dependencies.md, with the
// version of go.mod.
func TestDependenciesAreExplained(t *testing.T) {
	doc, err := os.ReadFile("../../docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	explained := map[string]bool{}
	for _, r := range row.FindAllStringSubmatch(string(doc), -1) {
		explained[r[1]] = true
		if !strings.Contains(string(mod), "\t"+r[1]+" "+r[2]) {
			t.Errorf("docs/dependencies.md names %s %s, go.mod does not", r[1], r[2])
		}
	}
	for _, p := range list(t, "linux") {
		for _, e := range edges(p) {
			if isOutside(e.to) && !explainedBy(explained, e.to) {
				t.Errorf("%s imports %s, which has no line in docs/dependencies.md", e.from, e.to)
			}
		}
	}
}

func explainedBy(modules map[string]bool, pkg string) bool {
	for m := range modules {
		if within(pkg, m) {
			return true
		}
	}
	return false
}
