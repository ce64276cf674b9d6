package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/httpapi"
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

// TestDocumentedSocket: without a setting the home is where docs/api.md has it.
func TestDocumentedSocket(t *testing.T) {
	home := must(config.Home("", func(name string) string { return map[string]string{"HOME": "/home/ann"}[name] }))(t)
	p := must(config.PathsOf(home, func(string) string { return "" }))(t)
	want := "SOCK=" + strings.Replace(p.Socket, "/home/ann", "~", 1)
	if text := string(must(os.ReadFile("../../docs/api.md"))(t)); !strings.Contains(text, want+" ") {
		t.Errorf("docs/api.md does not say %s", want)
	}
}

// TestDocumentedRefusals: each code stands beside its status.
func TestDocumentedRefusals(t *testing.T) {
	text := string(must(os.ReadFile("../../docs/api.md"))(t))
	for code, status := range httpapi.Statuses() {
		if row := regexp.MustCompile("(?m)^\\|[^|]*`" + string(code) + "`[^|]*\\| [^|]*" + strconv.Itoa(status)); !row.MatchString(text) {
			t.Errorf("docs/api.md does not say that %s is %d", code, status)
		}
	}
	for _, words := range httpapi.Numbers() {
		if !strings.Contains(strings.Join(strings.Fields(text), " "), words) {
			t.Errorf("docs/api.md does not say %q", words)
		}
	}
}

// TestDocumentedCredentials: docs/security.md lists what each may ask for.
func TestDocumentedCredentials(t *testing.T) {
	of := map[string][]string{
		"a run": httpapi.ForWorkers(), "an agent that acts for you (`andon mcp --role orchestrator`)": httpapi.ForAgents(),
		"one for one board, of what is below no board": httpapi.OfTheHome(),
	}
	for id, scope := range httpapi.Scopes() {
		of["`"+scope.String()+"`"] = append(of["`"+scope.String()+"`"], id)
	}
	const page = "../../docs/security.md"
	text := string(must(os.ReadFile(page))(t))
	for who, may := range of {
		may = slices.Clone(may)
		slices.Sort(may)
		row := "| " + who + " | " + strings.Join(may, ", ") + " |"
		if *update {
			text = regexp.MustCompile(`(?m)^\| `+regexp.QuoteMeta(who)+` \| .*$`).ReplaceAllLiteralString(text, row)
		}
		if !strings.Contains(text, row+"\n") {
			t.Errorf("%s does not say (go generate ./internal/httpapi)\n%s", page, row)
		}
	}
	if words := httpapi.Guesses(); !strings.Contains(text, words) {
		t.Errorf("%s does not say %q", page, words)
	}
	if *update {
		ok(t, os.WriteFile(page, []byte(text), 0o644))
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
