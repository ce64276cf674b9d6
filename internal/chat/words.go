package chat

import (
	"regexp"
	"strings"
	"unicode"
)

// commands begin a message that is meant for Andon.
var commands = []string{"/andon", "/kanban"}

// addressed returns what follows a command's word, whoever it names as its bot.
func addressed(text string) (rest string, ok bool) {
	text = strings.TrimSpace(text)
	word, rest := text, ""
	if i := strings.IndexFunc(text, unicode.IsSpace); i >= 0 {
		word, rest = text[:i], strings.TrimSpace(text[i:])
	}
	word, _, _ = strings.Cut(strings.ToLower(word), "@")
	for _, c := range commands {
		if word == c {
			return rest, true
		}
	}
	return "", false
}

// words splits the first line of a text as a command line, and returns what
// stands on the lines below as it is. No shell is meant: there are no variables,
// and nothing is ever wrong. A quote counts where a word begins (or behind a "=")
// if it is closed before a space; any other, as in don't, is a letter. What
// phones make of quotes and of -- is taken back.
func words(text string) (line []string, below string) {
	text, below, _ = strings.Cut(strings.TrimSpace(text), "\n")
	rest := []rune(strings.TrimSpace(text))
	for len(rest) > 0 {
		var word string
		word, rest = next(rest)
		line = append(line, dashes(word))
		for len(rest) > 0 && unicode.IsSpace(rest[0]) {
			rest = rest[1:]
		}
	}
	return line, strings.TrimSpace(below)
}

var saying = regexp.MustCompile(`(?is)^(answer|comment|reject)\s+([^\s—–-]\S*)\s+(\S.*)$`)

// said reads a line that says something to a task: all behind the id is text, as it
// was written and whatever it looks like.
func said(text string) (line []string, ok bool) {
	parts := saying.FindStringSubmatch(strings.TrimSpace(text))
	if parts == nil {
		return nil, false
	}
	tail := parts[3]
	if _, quote := quotes[[]rune(tail)[0]]; quote {
		if whole, below := words(tail); len(whole) == 1 && below == "" {
			tail = whole[0]
		}
	}
	return []string{strings.ToLower(parts[1]), "--", parts[2], tail}, true
}

// next takes a word off a text that begins with one.
func next(text []rune) (word string, rest []rune) {
	var b strings.Builder
	start := true // where a quote counts
	for len(text) > 0 && !unicode.IsSpace(text[0]) {
		if ends, known := quotes[text[0]]; known && start {
			if inner, after, closed := quoted(text[1:], ends); closed {
				b.WriteString(inner)
				text, start = after, false
				continue
			}
		}
		b.WriteRune(straight(text[0]))
		start = text[0] == '='
		text = text[1:]
	}
	return b.String(), text
}

// quotes has what closes each that opens.
var quotes = map[rune]string{'"': `"”“`, '\'': `'’`, '“': `”"“`, '„': `“”"`, '«': "»", '‘': `’'`, '”': `”"`, '’': `’'`}

// quoted reads up to a quote that ends a word.
func quoted(text []rune, ends string) (inner string, rest []rune, closed bool) {
	for i, r := range text {
		if strings.ContainsRune(ends, r) && (i+1 == len(text) || unicode.IsSpace(text[i+1])) {
			return string(text[:i]), text[i+1:], true
		}
	}
	return "", nil, false
}

func straight(r rune) rune {
	switch r {
	case '‘', '’':
		return '\''
	case '“', '”':
		return '"'
	}
	return r
}

// dashes makes the beginning of a flag of what phones write for it.
func dashes(word string) string {
	rest := strings.TrimLeft(word, "—–")
	if rest == word || rest == "" || !unicode.IsLetter([]rune(rest)[0]) {
		return word
	}
	if len([]rune(rest)) == 1 {
		return "-" + rest
	}
	return "--" + rest
}
