// Command gen writes docs/cli.md from the tree of commands.
package main

import (
	"log"
	"os"
	"path/filepath"
)

//go:generate go run .

// document is seen from this folder, where go generate and go test run.
var document = filepath.Join("..", "..", "..", "docs", "cli.md")

func main() {
	if err := os.WriteFile(document, render(), 0o644); err != nil {
		log.Fatal(err)
	}
}
