package kanban

import (
	"encoding/hex"
	"regexp"
	"strings"
)

// DefaultBoard always exists.
const DefaultBoard = "default"

var slugForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// Slug brings a board's or lane's name into its one spelling, or returns an
// invalid error.
func Slug(name string) (string, error) {
	s := strings.ToLower(strings.TrimSpace(name))
	if !slugForm.MatchString(s) {
		return "", Errorf(Invalid, "%s is not a valid name", Quote(name)).
			Hint("1 to 64 of a-z, 0-9, - and _, starting with a letter or a digit")
	}
	return s, nil
}

var taskIDForm = regexp.MustCompile(`^t_[0-9a-f]{8,32}$`)

// TaskID forms a task id, "t_" and 8 hex digits, from 4 random bytes.
func TaskID(random [4]byte) string { return "t_" + hex.EncodeToString(random[:]) }

// IsTaskID reports whether s has the form of a task id.
func IsTaskID(s string) bool { return taskIDForm.MatchString(s) }

var mention = regexp.MustCompile(`\bt_[0-9a-f]{8,32}\b`)

// Mentions returns the task ids that stand in a text, each once, in order.
func Mentions(text string) []string {
	var ids []string
	seen := map[string]bool{}
	for _, id := range mention.FindAllString(text, -1) {
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}
