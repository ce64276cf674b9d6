package httpapi_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/httpapi"
)

// TestG30_CommandsAreTheConfigurations: what is run on this machine is told to
// nobody who may not read the configuration.
func TestG30_CommandsAreTheConfigurations(t *testing.T) {
	w := newStreet(t)
	w.options.Lanes = func() []client.Lane {
		return []client.Lane{{Name: "builder", Command: []string{"build", "--key", "hush"}, Walls: &client.Walls{Mode: "bwrap", Write: []string{"/home/ann/hush"}}}}
	}
	for _, scope := range []string{"read", "operate", "admin"} {
		w.front = httpapi.Front{API: w.handler(), Log: slog.New(slog.DiscardHandler)}.Handler()
		got := w.ask(bearing(w.token(t, "for-"+scope, scope, "")), http.MethodGet, "/api/v1/boards/default/lanes", "")
		if told := strings.Contains(got.Body.String(), "hush"); got.Code != http.StatusOK || told != (scope == "admin") || !strings.Contains(got.Body.String(), "bwrap") {
			t.Errorf("to %s: %d %s", scope, got.Code, got.Body)
		}
	}
}
