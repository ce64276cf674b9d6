package notify_test

import (
	"strings"
	"testing"

	"github.com/andon-dev/andon/internal/notify"
)

func TestAPressFitsAndComesBack(t *testing.T) {
	for _, board := range []string{"default", strings.Repeat("b", 12), strings.Repeat("long-", 12) + "one"} {
		want := notify.Press{Act: "changes", Board: board, Task: "t_" + strings.Repeat("1f3a9c20", 4), Event: 1e12}
		written := want.String()
		if len(written) > notify.MaxPress {
			t.Errorf("%s is %d bytes", written, len(written))
		}
		got, ok := notify.ParsePress(written)
		if !ok || got.Act != want.Act || got.Task != want.Task || got.Event != want.Event || !got.Of(board) || got.Of("other") {
			t.Errorf("%s: got %+v, %v", written, got, ok)
		}
	}
	for _, strange := range []string{"", "|", "approve", "approve||t_1", "|b|t", "a|b|c|-1", "a|b|c|!", "a|b|c|", "a|b|c|1|2"} {
		if p, ok := notify.ParsePress(strange); ok {
			t.Errorf("%q was read as %+v", strange, p)
		}
	}
}
