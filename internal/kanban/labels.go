package kanban

import (
	"regexp"
	"slices"
	"strings"
)

// MaxLabels is how many labels a task has at most.
const MaxLabels = 20

// A label begins with a letter or a digit, so that +label and -label say what is
// to be done with it.
var labelForm = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{M}\p{N}._:/#+-]{0,49}$`)

// Labels brings the labels of a task into their one spelling and order: each
// once, in lower case, sorted; nil if there are none.
//
// Errors: invalid.
func Labels(words []string) ([]string, error) {
	var labels []string
	for _, word := range words {
		label := strings.ToLower(strings.TrimSpace(word))
		if !labelForm.MatchString(label) {
			return nil, Errorf(Invalid, "%s cannot be a label", Quote(word)).
				Hint("1 to 50 letters, digits and . _ : / # + -, starting with a letter or a digit; for example bug or area/ui")
		}
		labels = append(labels, label)
	}
	slices.Sort(labels)
	if labels = slices.Compact(labels); len(labels) > MaxLabels {
		return nil, Errorf(Invalid, "%d labels are more than %d", len(labels), MaxLabels).Hint("keep those that somebody filters by")
	}
	return labels, nil
}

// Labelled reports whether a task has all of some labels.
func (t Task) Labelled(labels []string) bool {
	return !slices.ContainsFunc(labels, func(l string) bool { return !slices.Contains(t.Labels, l) })
}
