package notify

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
)

const (
	// MaxPress is the length of the longest Press in bytes; it is what Telegram
	// allows for callback_data, the shortest limit among platforms.
	MaxPress = 64
	maxBoard = 12 // a longer name is told by its hash, so that all of the longest press fit
)

// Press is what a button of a message gives back: an act on a task.
type Press struct {
	Act, Board, Task string
	Event            int64 // that the message told of; 0 = none
}

// String writes a press for a platform, in at most MaxPress bytes.
func (p Press) String() string {
	s := strings.Join([]string{p.Act, shortened(p.Board), p.Task}, "|")
	if p.Event != 0 {
		s += "|" + strconv.FormatInt(p.Event, 36)
	}
	return s
}

// ParsePress reads what String wrote. Board may be a hash; see Of.
func ParsePress(s string) (p Press, ok bool) {
	parts := strings.Split(s, "|")
	if len(parts) < 3 || len(parts) > 4 || parts[0] == "" || parts[1] == "" {
		return Press{}, false
	}
	p = Press{Act: parts[0], Board: parts[1], Task: parts[2]}
	if len(parts) == 4 {
		n, err := strconv.ParseInt(parts[3], 36, 64)
		if err != nil || n <= 0 {
			return Press{}, false
		}
		p.Event = n
	}
	return p, true
}

// Of reports whether a press that was read is for a board.
func (p Press) Of(board string) bool { return p.Board == shortened(board) }

func shortened(board string) string {
	if len(board) <= maxBoard {
		return board
	}
	sum := sha256.Sum256([]byte(board))
	return "~" + hex.EncodeToString(sum[:5])
}
