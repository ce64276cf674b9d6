package cmdutil

import (
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
)

// SplitWords makes an argv of a line: words are parted by spaces, and quotes of
// either kind keep spaces in a word. There is no shell: nothing else means
// anything.
//
// Errors: invalid for no word at all, or a quote without its end.
func SplitWords(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	quote, inside := rune(0), false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote, inside = r, true
		case quote == 0 && (r == ' ' || r == '\t' || r == '\n'):
			if inside {
				words = append(words, word.String())
			}
			word.Reset()
			inside = false
		default:
			word.WriteRune(r)
			inside = true
		}
	}
	if inside {
		words = append(words, word.String())
	}
	switch {
	case quote != 0:
		return nil, kanban.Errorf(kanban.Invalid, "%s has a quote without its end", kanban.Quote(line)).Hint(`close it; the other kind of quotes keeps one in a word`)
	case len(words) == 0 || words[0] == "":
		return nil, kanban.Errorf(kanban.Invalid, "%s is no command", kanban.Quote(line)).Hint(`a program and its arguments, such as "make test"`)
	}
	return words, nil
}

// Verify are the flags that say how work is verified.
type Verify struct {
	Lines []string
	None  bool
}

// Commands are what the flags say; nil if they say nothing.
func (v Verify) Commands() (*[][]string, error) {
	if v.None && len(v.Lines) > 0 {
		return nil, kanban.Errorf(kanban.Invalid, "--verify and --no-verify exclude each other").Hint("keep one of them")
	}
	if !v.None && len(v.Lines) == 0 {
		return nil, nil
	}
	commands := [][]string{}
	for _, line := range v.Lines {
		argv, err := SplitWords(line)
		if err != nil {
			return nil, err
		}
		commands = append(commands, argv)
	}
	return &commands, nil
}
