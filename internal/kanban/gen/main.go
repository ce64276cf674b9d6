// Command gen writes docs/state-machine.md from the transition table.
package main

import (
	"log"
	"os"
	"path/filepath"
)

//go:generate go run .

// document is seen from this folder, where go generate and go test run.
var document = filepath.Join("..", "..", "..", "docs", "state-machine.md")

func main() {
	if err := os.WriteFile(document, render(), 0o644); err != nil {
		log.Fatal(err)
	}
}
