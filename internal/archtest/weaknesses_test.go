package archtest

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const weaknesses = "docs/adr/0007-each-weakness-of-the-reference-is-beaten-by-name.md"

// TestEachWeaknessIsBeatenByName: every row is there, and whatever shows it.
func TestEachWeaknessIsBeatenByName(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("../..", weaknesses))
	if err != nil {
		t.Fatal(err)
	}
	tests := testNames(t)
	row := 0
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "| W-") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "| \n"), " | ")
		if row++; len(cells) != 4 || cells[0] != fmt.Sprintf("W-%d", row) {
			t.Errorf("row %d is %s", row, line)
			continue
		}
		shown := regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cells[3], -1)
		if len(shown) == 0 {
			t.Errorf("%s: nothing shows it", cells[0])
		}
		for _, name := range shown {
			_, err := os.Stat(filepath.Join("../..", name[1]))
			if is := tests[name[1]] || strings.Contains(name[1], "/") && err == nil; !is {
				t.Errorf("%s: there is no %s", cells[0], name[1])
			}
		}
	}
	if row != 37 {
		t.Errorf("there are %d rows", row)
	}
}

// testNames are all tests of the module.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names, test := map[string]bool{}, regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "tmp" || d.Name() == ".git" || d.Name() == "node_modules" || d.Name() == "testdata"):
			return fs.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		for _, name := range test.FindAllSubmatch(text, -1) {
			names[string(name[1])] = true
		}
		return err
	})
	if err != nil || len(names) < 500 {
		t.Fatalf("%d tests, %v", len(names), err)
	}
	return names
}
