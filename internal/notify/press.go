package notify

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

const (
	// MaxPress is the length of the longest Press in bytes; it is what Telegram
	// allows for callback_data, the shortest limit among platforms.
	MaxPress = 64
	maxBoard = 20 // a longer name is told by its hash
)

// Press is what a button of a message gives back: an act on a task.
type Press struct{ Act, Board, Task string }

// String writes a press for a platform, in at most MaxPress bytes.
func (p Press) String() string {
	return strings.Join([]string{p.Act, shortened(p.Board), p.Task}, "|")
}

// ParsePress reads what String wrote. Board may be a hash; see Of.
func ParsePress(s string) (p Press, ok bool) {
	parts := strings.Split(s, "|")
	if len(parts) != 3 || parts[0] == "" || parts[1] == "" {
		return Press{}, false
	}
	return Press{parts[0], parts[1], parts[2]}, true
}

// Of reports whether a press that was read is for a board.
func (p Press) Of(board string) bool { return p.Board == shortened(board) }

func shortened(board string) string {
	if len(board) <= maxBoard {
		return board
	}
	sum := sha256.Sum256([]byte(board))
	return "~" + hex.EncodeToString(sum[:8])
}
