package preset

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
)

// blocks reads a message's content, which is a list of blocks or a string.
func blocks[T any](raw json.RawMessage) []T {
	var list []T
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	return list
}

// textOf is the text in a tool's result: a string, a list of blocks, or an
// object with a content or a message of its own; else the JSON itself.
func textOf(raw json.RawMessage) string {
	var plain string
	if json.Unmarshal(raw, &plain) == nil {
		return plain
	}
	var object struct {
		Content json.RawMessage `json:"content"`
		Message string          `json:"message"`
	}
	if json.Unmarshal(raw, &object) == nil && (len(object.Content) > 0 || object.Message != "") {
		if object.Message != "" {
			return object.Message
		}
		raw = object.Content
	}
	var parts []string
	for _, b := range blocks[struct {
		Text string `json:"text"`
	}](raw) {
		if b.Text != "" {
			parts = append(parts, b.Text)
		}
	}
	if len(parts) > 0 {
		return strings.Join(parts, "\n")
	}
	return strings.TrimSpace(string(raw[:min(len(raw), maxText)]))
}

// telling are the arguments of tools that tell best what they do.
var telling = []string{"command", "cmd", "file_path", "filePath", "path", "absolute_path", "pattern", "query", "url", "title", "summary", "reason", "description", "prompt"}

// summary tells a tool's arguments in a line.
func summary(raw json.RawMessage) string {
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil {
		return string(raw[:min(len(raw), maxProgress)])
	}
	i := slices.IndexFunc(telling, func(name string) bool { return len(object[name]) > 0 })
	if i >= 0 {
		return textOf(object[telling[i]])
	}
	return string(raw[:min(len(raw), maxProgress)])
}

// add sums counts of tokens without overflow; none is negative.
func add(a, b int64) int64 {
	if b <= 0 {
		return a
	}
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

func atLeast(n int64) int64 { return max(0, n) }
