package board

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/andon-dev/andon/internal/kanban"
)

// Sizes of what people and agents may write, in bytes. They bound what a
// context or a list can ever carry.
const (
	maxTitle    = 500
	maxBody     = 256 << 10
	maxComment  = 32 << 10
	maxReason   = 4 << 10
	maxError    = 2000 // characters
	maxSummary  = 32 << 10
	maxMetadata = 64 << 10
	maxNote     = 4 << 10
	maxName     = 200
	maxParents  = 500
	maxCards    = 200
	maxDepth    = 100 // of nested JSON: what reads it later may be less patient
)

// TextLimits are the sizes that people meet.
func TextLimits() map[string]int {
	return map[string]int{"title": maxTitle, "body": maxBody, "comment": maxComment, "reason": maxReason, "summary": maxSummary}
}

// text trims a written text and checks it.
func text(what, s string, limit int) (string, error) {
	s = strings.TrimSpace(s)
	if len(s) > limit {
		return "", kanban.Errorf(kanban.Invalid, "%s is %d bytes long, more than %d", what, len(s), limit).
			Hint("shorten it, or put it in a file and name that in the text")
	}
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return "", kanban.Errorf(kanban.Invalid, "%s is not valid UTF-8 text", what).Hint("send text; keep binary content in files")
	}
	return s, nil
}

// required is text that must not be blank.
func required(what, s string, limit int) (string, error) {
	s, err := text(what, s, limit)
	if err == nil && s == "" {
		return "", kanban.Errorf(kanban.Invalid, "%s is empty", what).Hint("give it as a non-blank text")
	}
	return s, err
}

// line is text of one line: a title, a name.
func line(what, s string, limit int) (string, error) {
	s, err := text(what, s, limit)
	if err == nil && strings.ContainsAny(s, "\n\r") {
		return "", kanban.Errorf(kanban.Invalid, "%s has more than one line", what).Hint("put the rest into the body")
	}
	return s, err
}

// object checks a JSON object of a caller.
func object(what string, raw json.RawMessage) error {
	if len(raw) == 0 {
		return nil
	}
	if len(raw) > maxMetadata {
		return kanban.Errorf(kanban.Invalid, "%s is %d bytes long, more than %d", what, len(raw), maxMetadata).
			Hint("keep large facts in an artifact")
	}
	if depth(raw) > maxDepth {
		return kanban.Errorf(kanban.Invalid, "%s is nested more than %d deep", what, maxDepth).Hint("keep deep facts in an artifact")
	}
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil || m == nil {
		return kanban.Errorf(kanban.Invalid, "%s is not a JSON object", what).Hint(`for example {"changed_files": ["main.go"]}`)
	}
	return nil
}

// depth is how deep JSON is nested, whether it is well formed or not.
func depth(raw []byte) (deepest int) {
	at, quoted := 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			at++
			deepest = max(deepest, at)
		case c == '}' || c == ']':
			at--
		}
	}
	return deepest
}
