package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// numbers are those that must have a section.
var numbers = strings.Fields("G01 G02 G03 G04 G05 G06 G07 G10 G11 G12 G13 G14 G15 G16 G17 G18 G19 G20 G21 G22 G23 G24 G30 G31 G32 S1 S2 S3 S4")

var (
	named    = regexp.MustCompile("`(Test[GS]\\d+_\\w+)`")
	declared = regexp.MustCompile(`(?m)^func (Test[GS]\d+_\w+)\(`)
)

// A promise is called proven only if there is a proof, and no proof is missed.
func TestGuaranteesSayWhereTheyStand(t *testing.T) {
	doc := filepath.Join("..", "..", "docs", "guarantees.md")
	promises, err := readPromises(doc)
	if err != nil {
		t.Fatal(err)
	}
	proofs, tests := proofsOfTree(t)
	var found []string
	for _, p := range promises {
		found = append(found, p.number)
		if has := len(proofs[p.number]) > 0; has != (p.word != "Not yet") {
			t.Errorf("%s is called %q, and has %d proofs: %s", p.number, p.word, len(proofs[p.number]), strings.Join(proofs[p.number], " "))
		}
	}
	slices.Sort(found)
	if !slices.Equal(found, numbers) {
		t.Errorf("sections for %v, want %v", found, numbers)
	}
	text, err := os.ReadFile(doc)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range named.FindAllStringSubmatch(string(text), -1) {
		if !tests[n[1]] {
			t.Errorf("there is no %s", n[1])
		}
	}
}

// proofsOfTree finds the tests and scripts of each promise, and all tests that
// carry a number.
func proofsOfTree(t *testing.T) (proofs map[string][]string, tests map[string]bool) {
	t.Helper()
	proofs, tests = map[string][]string{}, map[string]bool{}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, m := range declared.FindAllSubmatch(source, -1) {
			name := string(m[1])
			tests[name] = true
			for _, n := range numbersOf(name) {
				proofs[n] = append(proofs[n], name)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	scripts, err := readScripts(filepath.Join(root, "test", "script"))
	if err != nil {
		t.Fatal(err)
	}
	for name, list := range scripts {
		for _, n := range list {
			proofs[n] = append(proofs[n], name+".txtar")
		}
	}
	return proofs, tests
}

func TestNumbersOfATest(t *testing.T) {
	for test, want := range map[string]string{
		"TestG01_G12_Chaos":   "G01 G12",
		"TestG04_AfterG05":    "G04",
		"TestS3_NoScan":       "S3",
		"TestGatewayStarts":   "",
		"TestScript/G01_name": "",
	} {
		if got := strings.Join(numbersOf(test), " "); got != want {
			t.Errorf("%s: %q, want %q", test, got, want)
		}
	}
}

// What the table says is read from what the tests say.
func TestCollectCountsCasesAndSeesFailures(t *testing.T) {
	results, err := collect(strings.NewReader(`
{"Action":"run","Package":"p","Test":"TestG01_A"}
{"Action":"run","Package":"p","Test":"TestG01_A/x"}
{"Action":"run","Package":"p","Test":"TestG01_A/y"}
{"Action":"fail","Package":"p","Test":"TestG01_A/y"}
{"Action":"fail","Package":"p","Test":"TestG01_A"}
{"Action":"run","Package":"p","Test":"TestG02_B"}
{"Action":"output","Package":"p","Test":"TestG02_B","Output":"    b_test.go:9: [rapid] OK, passed 100 tests (1s)\n"}
{"Action":"pass","Package":"p","Test":"TestG02_B"}
{"Action":"run","Package":"p","Test":"TestG02_C"}
{"Action":"attr","Package":"p","Test":"TestG02_C","Key":"cases","Value":"680"}
{"Action":"run","Package":"s","Test":"TestScript"}
{"Action":"run","Package":"s","Test":"TestScript/a4_breaker"}
{"Action":"pass","Package":"s","Test":"TestScript/a4_breaker"}
`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range results {
		got = append(got, strings.TrimSpace(strings.Join([]string{r.name, r.status, strings.Repeat("I", min(r.cases, 9))}, " ")))
	}
	want := []string{"TestG01_A fail II", "TestG02_B pass IIIIIIIII", "TestG02_C  IIIIIIIII", "TestScript  I", "TestScript/a4_breaker pass I"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if !results[2].failed() {
		t.Error("a test that did not end counts as one that held")
	}
	var table strings.Builder
	err = printTable(&table, []promise{{"G01", "a", "Proven"}, {"G02", "b", "Proven"}, {"G03", "c", "Partly"}, {"G04", "d", "Not yet"}}, results)
	if err == nil || err.Error() != "G01 G02 G03: not as promised" {
		t.Errorf("%v", err)
	}
}
