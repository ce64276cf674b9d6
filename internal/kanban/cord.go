package kanban

import (
	"strings"
	"unicode"
)

// WholeHome is the scope of a cord that holds everything.
const WholeHome = "all"

// CutScope takes a scope as lists show it, such as lane:builder, off the words of who
// pulls the cord; scope is "" if they begin with none. The rest is the reason.
func CutScope(words []string) (scope string, rest []string) {
	if len(words) > 0 && isScope(words[0]) || len(words) == 1 && words[0] == WholeHome {
		return words[0], words[1:]
	}
	return "", words
}

// isScope reports whether a word has the form of a scope. One that is none is
// refused later: whoever mistypes a kind does not mean the whole home.
func isScope(word string) bool {
	kind, name, _ := strings.Cut(word, ":")
	other := func(r rune) bool { return !unicode.IsLetter(r) }
	return kind != "" && name != "" && !strings.ContainsFunc(kind, other) && !strings.ContainsFunc(name, unicode.IsSpace)
}

// OneScope is the scope that was given, which may have been in several ways; "" is
// none, and none at all is the whole home.
//
// Errors: invalid for several, or one without its name.
func OneScope(given ...string) (string, error) {
	scope := ""
	for _, s := range given {
		if scope != "" && s != "" {
			return "", Errorf(Invalid, "the cord is pulled for one scope at a time").Hint("give one of --lane, --account, --repo, --board and --all")
		}
		if s != "" {
			scope = s
		}
	}
	switch {
	case scope == "":
		return WholeHome, nil
	case strings.HasSuffix(scope, ":"):
		return "", Errorf(Invalid, "--%s is empty", strings.TrimSuffix(scope, ":")).Hint("name one, or say --all")
	}
	return scope, nil
}
