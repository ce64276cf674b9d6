package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// promise is a section of docs/guarantees.md.
type promise struct {
	number string // "G04"
	title  string
	word   string // Proven, Partly or Not yet
}

var section = regexp.MustCompile(`(?m)^### ([GS]\d+) (.+)\n\*\*(Proven|Partly|Not yet)\.\*\*`)

func readPromises(doc string) ([]promise, error) {
	text, err := os.ReadFile(doc)
	if err != nil {
		return nil, fmt.Errorf("%w: run it in the root of the repository", err)
	}
	var list []promise
	for _, s := range section.FindAllStringSubmatch(string(text), -1) {
		list = append(list, promise{number: s[1], title: s[2], word: s[3]})
	}
	if len(list) == 0 {
		return nil, errors.New("docs/guarantees.md has no sections")
	}
	return list, nil
}

// numbersOf are those of a test: of TestG04_G11_Name, G04 and G11.
func numbersOf(test string) []string {
	words, ok := strings.CutPrefix(test, "Test")
	if !ok {
		return nil
	}
	var numbers []string
	for word := range strings.SplitSeq(words, "_") {
		if !isNumber(word) {
			break
		}
		numbers = append(numbers, word)
	}
	return numbers
}

func isNumber(s string) bool { return number.MatchString(s) }

var number = regexp.MustCompile(`^[GS]\d+$`)

// scriptHead is the beginning of a script: "# A4, G14: what it shows".
var scriptHead = regexp.MustCompile(`\A# ([A-Z]\d+(?:, [A-Z]\d+)*):`)

// readScripts returns the numbers of each script by its name without .txtar.
func readScripts(dir string) (map[string][]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil {
		return nil, err
	}
	scripts := map[string][]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		head := scriptHead.FindStringSubmatch(string(text))
		if head == nil {
			continue
		}
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		for word := range strings.SplitSeq(head[1], ", ") {
			if isNumber(word) {
				scripts[name] = append(scripts[name], word)
			}
		}
	}
	return scripts, nil
}
