package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/andon-dev/andon/client"
)

// words are those of a line of shell, with their quotes.
var words = regexp.MustCompile(`(?:'[^']*'|"[^"]*"|[^\s'"])+`)

// TestDocumentedExamples does what docs/api.md shows.
func TestDocumentedExamples(t *testing.T) {
	h := newHome(t)
	c := h.client()
	task := add(t, c, "an example").ID
	claim := must(c.Claim(t.Context(), "default", add(t, c, "running").ID, client.ClaimRequest{}))(t)
	h.logs[claim.Run] = newRunLog()
	fill := strings.NewReplacer("'$ID'", task, "$ID", task, "$RUN", fmt.Sprint(claim.Run), "$API", "/api/v1", "$SOCK", "")
	asked := 0
	for line := range strings.Lines(string(must(os.ReadFile("../../docs/api.md"))(t))) {
		if !strings.HasPrefix(line, "curl ") {
			continue
		}
		asked++
		if got := curl(t, h.handler(), words.FindAllString(fill.Replace(line), -1)); got.Code >= 300 {
			t.Errorf("%s%d %s", line, got.Code, got.Body)
		}
	}
	if asked < 12 {
		t.Errorf("only %d examples", asked)
	}
}

// curl does what the program of that name does with such words.
func curl(t *testing.T, h http.Handler, args []string) *httptest.ResponseRecorder {
	t.Helper()
	method, target, body, header := http.MethodGet, "", "", http.Header{}
	for i, arg := range args {
		arg = strings.Trim(arg, `'"`)
		switch {
		case strings.HasPrefix(arg, "/api/"):
			target = arg
		case args[max(i-1, 0)] == "-d":
			if body = arg; !json.Valid([]byte(body)) {
				t.Errorf("no JSON: %s", body)
			}
			if method == http.MethodGet {
				method = http.MethodPost
			}
		case args[max(i-1, 0)] == "-X":
			method = arg
		case args[max(i-1, 0)] == "-H":
			name, value, _ := strings.Cut(arg, ": ")
			header.Set(name, value)
		}
	}
	ctx, gone := context.WithCancel(t.Context())
	defer gone()
	if args[1] == "-N" {
		gone()
	}
	r := httptest.NewRequestWithContext(ctx, method, target, strings.NewReader(body))
	r.Header = header
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
