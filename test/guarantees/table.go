package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// printTable prints a line for each promise. The error names those that do not
// hold, and those that are called proven and have no test.
func printTable(to io.Writer, promises []promise, results []result) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\tpromise\tstands\ttests\tcases\tresult")
	var bad []string
	for _, p := range promises {
		tests, cases, skipped := 0, 0, 0
		var failed []string
		for _, r := range results {
			switch {
			case !slices.Contains(r.numbers, p.number):
			case r.failed():
				failed = append(failed, r.name)
			case r.status == "skip":
				skipped++
			default:
				tests++
				cases += r.cases
			}
		}
		word := "holds"
		switch {
		case len(failed) > 0:
			word = "BROKEN: " + strings.Join(failed, ", ")
			bad = append(bad, p.number)
		case tests == 0 && p.word != "Not yet":
			word = "NOT SHOWN"
			bad = append(bad, p.number)
		case tests == 0:
			word = "-"
		case skipped > 0:
			word = fmt.Sprintf("holds (%d not possible here)", skipped)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%s\n", p.number, p.title, strings.ToLower(p.word), tests, cases, word)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(bad) > 0 {
		return fmt.Errorf("%s: not as promised", strings.Join(bad, " "))
	}
	return nil
}
