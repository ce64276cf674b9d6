package archtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// promises are the numbers that must have a section.
var promises = strings.Fields("G01 G02 G03 G04 G05 G06 G07 G10 G11 G12 G13 G14 G15 G16 G17 G18 G19 G20 G21 G22 G23 G24 G30 G31 G32 S1 S2 S3 S4")

var (
	section  = regexp.MustCompile(`(?m)^### ([GS]\d+) .+\n\*\*(Proven|Partly|Not yet)\.\*\*`)
	named    = regexp.MustCompile("`(Test[GS]\\d+_\\w+)`")
	declared = regexp.MustCompile(`(?m)^func (Test([GS]\d+)_\w+)\(`)
)

// A promise is called proven only if there is a proof, and no proof is missed.
func TestGuaranteesSayWhereTheyStand(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", "guarantees.md"))
	if err != nil {
		t.Fatal(err)
	}
	doc, tests := string(raw), testsOfTree(t)
	var found []string
	for _, s := range section.FindAllStringSubmatch(doc, -1) {
		number, word := s[1], s[2]
		found = append(found, number)
		if has := len(tests[number]) > 0; has != (word != "Not yet") {
			t.Errorf("%s is called %q, and the tree has %d tests of it: %s", number, word, len(tests[number]), strings.Join(tests[number], " "))
		}
	}
	slices.Sort(found)
	if !slices.Equal(found, promises) {
		t.Errorf("sections for %v, want %v", found, promises)
	}
	for _, n := range named.FindAllStringSubmatch(doc, -1) {
		number, _, _ := strings.Cut(strings.TrimPrefix(n[1], "Test"), "_")
		if !slices.Contains(tests[number], n[1]) {
			t.Errorf("there is no %s", n[1])
		}
	}
}

// testsOfTree finds the tests of each promise by name.
func testsOfTree(t *testing.T) map[string][]string {
	t.Helper()
	tests := map[string][]string{}
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, m := range declared.FindAllSubmatch(source, -1) {
			tests[string(m[2])] = append(tests[string(m[2])], string(m[1]))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tests
}
