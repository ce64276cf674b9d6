package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
)

// Who speaks another API than the gateway is told so, once and whatever it asks
// for, with the way out. Everybody else is served.
func TestG24_AnotherGenerationIsToldTheWayOut(t *testing.T) {
	h := newHome(t).handler()
	for path, want := range map[string]struct {
		status int
		says   string
	}{
		"/api/v0/boards":                 {http.StatusUnprocessableEntity, "the caller is too old"},
		"/api/v0/boards/default/tasks/x": {http.StatusUnprocessableEntity, "the caller is too old"},
		"/api/v2/boards":                 {http.StatusUnprocessableEntity, "the gateway is too old: kill -TERM "},
		"/api/v1/boards":                 {http.StatusOK, `"items"`},
		"/api/v1/what-is-to-come":        {http.StatusNotFound, "lists what there is"},
		"/api/v-1/boards":                {http.StatusNotFound, "lists what there is"},
		"/api/v2":                        {http.StatusNotFound, "lists what there is"},
		"/api/version/2":                 {http.StatusNotFound, "lists what there is"},
	} {
		got := fetch(t, h, path)
		if got.Code != want.status || !strings.Contains(got.Body.String(), want.says) {
			t.Errorf("GET %s: %d %s, want %d and %q", path, got.Code, got.Body, want.status, want.says)
		}
	}
}
