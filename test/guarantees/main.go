// Command guarantees runs every test that proves a promise of
// docs/guarantees.md and prints a line for each promise: how many tests, how
// many cases they ran, and whether they held.
//
//	go run ./test/guarantees            all promises
//	go run ./test/guarantees G04 G11    these
//
// A test proves what its name says (TestG04_G11_...); a script under test/script
// proves what its first line says (# G04, G11: ...). The exit status is 1 if a
// promise does not hold or has no test.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := check(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "guarantees:", err)
		os.Exit(1)
	}
}

// check runs the tests of these promises, of all if none is named.
func check(ctx context.Context, wanted []string) error {
	promises, err := readPromises("docs/guarantees.md")
	if err != nil {
		return err
	}
	scripts, err := readScripts("test/script")
	if err != nil {
		return err
	}
	for _, number := range wanted {
		if !slices.ContainsFunc(promises, func(p promise) bool { return p.number == number }) {
			return fmt.Errorf("there is no promise %q in docs/guarantees.md", number)
		}
	}
	if len(wanted) > 0 {
		promises = slices.DeleteFunc(promises, func(p promise) bool { return !slices.Contains(wanted, p.number) })
	}
	results, testErr := runTests(ctx, promises, scripts)
	missed := printTable(os.Stdout, promises, results)
	for _, r := range results {
		if r.failed() {
			fmt.Printf("\n--- %s in %s\n%s", r.name, r.pkg, r.output)
		}
	}
	return errors.Join(testErr, missed)
}
