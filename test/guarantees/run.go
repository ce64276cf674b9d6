package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// result is what became of one test, its subtests included, or of one script.
type result struct {
	pkg, name string
	numbers   []string
	status    string // pass, fail, skip, or "" if it did not end
	cases     int
	output    string
}

func (r result) failed() bool { return r.status != "pass" && r.status != "skip" }

// event is a line of go test -json.
type event struct {
	Action, Package, Test string
	Output                string
	Key, Value            string // of an attribute
}

// runTests runs the tests and scripts of these promises, whatever the cache
// knows. The error says that a package did not build or a test failed.
func runTests(ctx context.Context, promises []promise, scripts map[string][]string) ([]result, error) {
	wanted := func(numbers []string) bool {
		return slices.ContainsFunc(promises, func(p promise) bool { return slices.Contains(numbers, p.number) })
	}
	var names []string
	for _, p := range promises {
		names = append(names, `Test.*`+p.number+`_`)
	}
	for _, numbers := range scripts {
		if wanted(numbers) {
			names = append(names, `TestScript$`)
			break
		}
	}
	cmd := exec.CommandContext(ctx, "go", "test", "-json", "-count=1", "-run", "^("+strings.Join(names, "|")+")", "./...")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	found, readErr := collect(out)
	err = cmd.Wait()
	var results []result
	for _, r := range found {
		if r.numbers == nil {
			if script, ok := strings.CutPrefix(r.name, "TestScript/"); ok {
				r.numbers = scripts[script]
			}
		}
		if wanted(r.numbers) {
			results = append(results, r)
		}
	}
	if err != nil {
		err = fmt.Errorf("go test: %w", err)
	}
	return results, errors.Join(readErr, err)
}

// collect reads what the tests tell. What is no test's, such as the words of a
// compiler, goes to standard error.
func collect(out io.Reader) ([]result, error) {
	var order []string
	tests := map[string]*result{}
	leaves := map[string]bool{}
	at := func(e event) *result {
		name := unitOf(e.Test)
		key := e.Package + " " + name
		if tests[key] == nil {
			tests[key] = &result{pkg: e.Package, name: name, numbers: numbersOf(name)}
			order = append(order, key)
		}
		return tests[key]
	}
	var said bytes.Buffer // of a package
	for dec := json.NewDecoder(out); ; {
		var e event
		if err := dec.Decode(&e); err != nil {
			if errors.Is(err, io.EOF) {
				break
			}
			return nil, err
		}
		if e.Test == "" {
			said.WriteString(e.Output)
			if e.Action == "fail" || e.Action == "build-fail" {
				_, _ = io.Copy(os.Stderr, &said)
			}
			if e.Action == "fail" || e.Action == "pass" || e.Action == "skip" {
				said.Reset()
			}
			continue
		}
		r := at(e)
		switch e.Action {
		case "run":
			leaf := e.Package + " " + e.Test
			leaves[leaf] = true
			if i := strings.LastIndexByte(leaf, '/'); i > 0 {
				delete(leaves, leaf[:i])
			}
		case "output":
			r.output += e.Output
			r.cases += drawn(e.Output)
		case "attr":
			if n, err := strconv.Atoi(e.Value); err == nil && e.Key == "cases" {
				r.cases += n
			}
		case "pass", "fail", "skip":
			if e.Test == r.name {
				r.status = e.Action
			}
		}
	}
	var results []result
	for _, key := range order {
		r := tests[key]
		if r.cases == 0 { // it did not count them itself
			for leaf := range leaves {
				if leaf == key || strings.HasPrefix(leaf, key+"/") {
					r.cases++
				}
			}
		}
		results = append(results, *r)
	}
	return results, nil
}

// unitOf is the test that a subtest belongs to; scripts are units of their own.
func unitOf(test string) string {
	top, rest, ok := strings.Cut(test, "/")
	if !ok || top != "TestScript" {
		return top
	}
	script, _, _ := strings.Cut(rest, "/")
	return top + "/" + script
}

var rapidPassed = regexp.MustCompile(`\[rapid\] OK, passed (\d+) tests`)

// drawn is the number of cases that a property was tried with.
func drawn(output string) int {
	m := rapidPassed.FindStringSubmatch(output)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1])
	return n
}
