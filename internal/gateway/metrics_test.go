package gateway

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestMetricsAreDocumented: docs/operations.md names each, and no other.
func TestMetricsAreDocumented(t *testing.T) {
	name := regexp.MustCompile(`"(andon_[a-z_]+)"`)
	code, err := os.ReadFile("metrics.go")
	check(t, err)
	page, err := os.ReadFile("../../docs/operations.md")
	check(t, err)
	var have, named []string
	for _, m := range name.FindAllStringSubmatch(string(code), -1) {
		have = append(have, m[1])
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `(andon_[a-z_]+)[{`]").FindAllStringSubmatch(string(page), -1) {
		named = append(named, m[1])
	}
	slices.Sort(have)
	slices.Sort(named)
	if len(have) < 10 || !slices.Equal(have, named) {
		t.Errorf("there are\n%s\nand named are\n%s", strings.Join(have, "\n"), strings.Join(named, "\n"))
	}
}
