package httpapi_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/access"
	"github.com/andon-dev/andon/internal/httpapi"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

func tourAccess(t *testing.T, c *client.Client) {
	ctx := t.Context()
	later := time.Now().Add(time.Hour)
	made := must(c.CreateToken(ctx, client.TokenCreate{Name: "CI", Scope: "read", Board: "default", ExpiresAt: &later}))(t)
	if made.ID != "ci" || made.Scope != "read" || made.CreatedBy != "ann" || !strings.HasPrefix(made.Secret, access.Prefix) {
		t.Errorf("made %+v", made)
	}
	if all := must(c.Tokens(ctx))(t); len(all) != 1 || all[0].Name != "ci" {
		t.Errorf("tokens %+v", all)
	}
	ok(t, c.RevokeToken(ctx, "ci"))
	for _, wrong := range []client.TokenCreate{{Name: "x", Scope: "root"}, {Name: "", Scope: "read"}, {Name: "x", Scope: "read", ExpiresAt: &time.Time{}}} {
		_, err := c.CreateToken(ctx, wrong)
		refusal(t, err, kanban.Invalid)
	}
	_, err := c.CreateToken(ctx, client.TokenCreate{Name: "x", Scope: "read", Board: "nowhere"})
	refusal(t, err, kanban.NotFound)
	if l := must(c.CreateLogin(ctx, client.LoginCreate{Scope: "admin"}))(t); !strings.HasPrefix(l.URL, "http://127.0.0.1:8420/login?code=") {
		t.Errorf("link %+v", l)
	}
	refusal(t, c.EndSession(ctx), kanban.Conflict)
}

// street is where browsers and programs come from: nobody there is known by the
// process that asks.
type street struct {
	*home
	front http.Handler
	log   strings.Builder
}

func newStreet(t *testing.T) *street {
	t.Helper()
	w := &street{home: newHome(t)}
	w.gateway = &gateway{}
	owner := w.client()
	must(owner.CreateBoard(t.Context(), client.BoardCreate{Slug: "ops"}))(t)
	w.actor = kanban.Actor{}
	w.front = httpapi.Front{API: w.handler(), Hosts: []string{"andon.example.org"}, Log: slog.New(slog.NewTextHandler(&w.log, nil))}.Handler()
	return w
}

// as the owner, through the socket.
func (w *street) owner() *client.Client {
	o := w.options
	o.Identify = func(*http.Request) (kanban.Actor, error) { return ann, nil }
	return client.New(client.Handler(httpapi.New(o)), "http://andon", client.Options{})
}

func (w *street) ask(change func(*http.Request), method, path, body string) *httptest.ResponseRecorder {
	ctx, gone := context.WithCancel(context.Background())
	if strings.HasSuffix(path, "/stream") {
		gone() // else it never ends
	}
	defer gone()
	r := httptest.NewRequestWithContext(ctx, method, "http://127.0.0.1:8420"+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	change(r)
	out := httptest.NewRecorder()
	w.front.ServeHTTP(out, r)
	return out
}

func bearing(secret string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+secret) }
}

// session logs a browser in, and returns its cookie.
func (w *street) session(t *testing.T, scope string) *http.Cookie {
	t.Helper()
	link := must(w.owner().CreateLogin(t.Context(), client.LoginCreate{Scope: scope}))(t)
	got := w.ask(func(*http.Request) {}, http.MethodGet, must(url.Parse(link.URL))(t).RequestURI(), "")
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/" {
		t.Fatalf("%d %s", got.Code, got.Body)
	}
	c := got.Result().Cookies()[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
		t.Errorf("cookie %+v", c)
	}
	return c
}

func (w *street) token(t *testing.T, name, scope, board string) string {
	t.Helper()
	return must(w.owner().CreateToken(t.Context(), client.TokenCreate{Name: name, Scope: scope, Board: board}))(t).Secret
}

// needed is what each operation asks for, written down a second time: a change of
// the one has to be meant.
func needed(id, method string) kanban.Scope {
	switch {
	case id == "add-comment":
		return kanban.ScopeComment
	case strings.HasSuffix(id, "-board") && id != "show-board" && id != "current-board" && id != "verify-board" && id != "stream-board",
		strings.Contains(id, "backup"), strings.HasSuffix(id, "-home"), strings.HasSuffix(id, "-token"), strings.HasSuffix(id, "-tokens"),
		strings.HasSuffix(id, "-chat"), strings.HasSuffix(id, "-guest"),
		strings.HasSuffix(id, "-gateway"), id == "create-login", id == "show-config", id == "edit-config", id == "checkup", id == "repair", id == "gc":
		return kanban.ScopeAdmin
	case method == http.MethodGet, id == "end-session":
		return kanban.ScopeRead
	}
	return kanban.ScopeOperate
}

// TestG30_EveryRouteAndEveryCredential asks all there is with all that can be
// shown, and holds each answer against what must come of it.
func TestG30_EveryRouteAndEveryCredential(t *testing.T) {
	w := newStreet(t)
	owner := w.owner()
	task := add(t, owner, "a task")
	claim := must(owner.Claim(t.Context(), "default", add(t, owner, "a run's").ID, client.ClaimRequest{}))(t)
	run := client.Bearer("default", client.Lease{Run: claim.Run, Token: claim.Token})
	revoked, expired := w.token(t, "revoked", "admin", ""), must(func() (string, error) {
		secret, _, err := w.options.Access.Create("expired", kanban.ScopeAdmin, "", time.Now().Add(-time.Hour), "ann")
		return secret, err
	}())(t)
	ok(t, owner.RevokeToken(t.Context(), "revoked"))
	cookie, reading := w.session(t, "admin"), w.session(t, "read")
	withCookie := func(c *http.Cookie) func(*http.Request) {
		return func(r *http.Request) {
			r.AddCookie(c)
			r.Header.Set("Sec-Fetch-Site", "same-origin")
		}
	}
	type credential struct {
		show  func(*http.Request)
		scope kanban.Scope // none = nobody is known
		board string
		run   bool
	}
	all := map[string]credential{
		"none":         {show: func(*http.Request) {}},
		"revoked":      {show: bearing(revoked)},
		"expired":      {show: bearing(expired)},
		"made up":      {show: bearing(access.Prefix + "GUESSED")},
		"made up run":  {show: bearing("default.1.guessed")},
		"other cookie": {show: withCookie(&http.Cookie{Name: cookie.Name, Value: "guessed"})},
		"cookie":       {show: withCookie(cookie), scope: kanban.ScopeAdmin},
		"read cookie":  {show: withCookie(reading), scope: kanban.ScopeRead},
		"other board":  {show: bearing(w.token(t, "ops", "admin", "ops")), scope: kanban.ScopeAdmin, board: "ops"},
		"own board":    {show: bearing(w.token(t, "default", "admin", "default")), scope: kanban.ScopeAdmin, board: "default"},
		"run":          {show: bearing(run), run: true},
	}
	for _, scope := range []kanban.Scope{kanban.ScopeRead, kanban.ScopeComment, kanban.ScopeOperate, kanban.ScopeAdmin} {
		all[scope.String()] = credential{show: bearing(w.token(t, scope.String(), scope.String(), "")), scope: scope}
	}

	type route struct {
		id, method, path string
		scope            kanban.Scope
	}
	routes := []route{{"page", "GET", "/", 0}, {"asset", "GET", "/assets/app.js", 0}, {"openapi", "GET", "/api/v1/openapi.json", 0}, {"mcp", "POST", "/mcp", 0}, {"ready", "GET", "/readyz", kanban.ScopeRead}, {"metrics", "GET", "/metrics", kanban.ScopeRead}, {"nothing", "GET", "/api/v1/nothing", 0}, {"elsewhere", "GET", "/api/v1/x/../boards", 0}}
	fill := strings.NewReplacer("{board}", "default", "{id}", task.ID, "{run}", "1", "{parent}", task.ID,
		"{sha256}", strings.Repeat("0", 64), "{subscription}", "1", "{delivery}", "1", "{scope}", "all", "{name}", "none", "{token}", "nobody")
	var api contract
	ok(t, json.Unmarshal(w.ask(bearing(w.token(t, "reader", "read", "")), http.MethodGet, "/api/v1/openapi.json", "").Body.Bytes(), &api))
	for path, methods := range api.Paths {
		for method, op := range methods {
			method = strings.ToUpper(method)
			routes = append(routes, route{op.OperationID, method, path, needed(op.OperationID, method)})
		}
	}
	if len(routes) < 80 {
		t.Fatalf("only %d routes", len(routes))
	}
	for _, r := range routes {
		for name, c := range all {
			if c.scope >= r.scope && r.scope > kanban.ScopeRead && c.scope != 0 && r.id != "list-tokens" {
				continue // it would do something: asked below, on its own
			}
			if r.id == "end-session" && c.scope != 0 {
				continue
			}
			w.passed += 10 * time.Second // whoever guesses may guess again
			got := w.ask(c.show, r.method, fill.Replace(r.path), "")
			var e client.Error
			_ = json.Unmarshal(got.Body.Bytes(), &e)
			home := !strings.Contains(r.path, "{board}")
			switch {
			case c.scope == 0 && !c.run:
				if got.Code != http.StatusUnauthorized || r.id == "page" && strings.Contains(got.Body.String(), "the dashboard") {
					t.Errorf("%s with %s: %d %s", r.id, name, got.Code, got.Body)
				}
			case c.run: // TestG31_EveryRouteRefusesTheStranger
			case r.scope > c.scope,
				c.board != "" && r.scope != 0 && home && r.id != "meta" && r.id != "ready" && r.id != "list-boards" && r.id != "inbox" && r.id != "list-holds",
				c.board == "ops" && r.scope != 0 && !home:
				if got.Code != http.StatusForbidden || e.Code != string(kanban.Unauthorized) || e.Hint == "" {
					t.Errorf("%s with %s: %d %s", r.id, name, got.Code, got.Body)
				}
			case got.Code == http.StatusUnauthorized || got.Code == http.StatusForbidden:
				t.Errorf("%s with %s: %d %s", r.id, name, got.Code, got.Body)
			}
		}
	}
	if got := w.ask(func(*http.Request) {}, http.MethodGet, "/healthz", ""); got.Code != http.StatusOK {
		t.Errorf("healthz: %d", got.Code)
	}
	for id, scope := range httpapi.Scopes() {
		if id != "ready" && id != "metrics" && !strings.Contains(string(must(json.Marshal(api))(t)), `"`+id+`"`) {
			t.Errorf("%s has scope %s and is no operation", id, scope)
		}
	}
	if strings.Contains(w.log.String(), run) || strings.Contains(w.log.String(), cookie.Value) || strings.Contains(w.log.String(), "code=") {
		t.Error("the access log holds a secret")
	}
	if !strings.Contains(w.log.String(), `who="operate (token)"`) {
		t.Error("the access log does not say who asked")
	}
}

// TestG30_WhoASecretMakes: events name who did something, and a board's token sees
// that board's things only.
func TestG30_WhoASecretMakes(t *testing.T) {
	w := newStreet(t)
	task := add(t, w.owner(), "a task")
	over := func(show func(*http.Request)) *client.Client {
		return client.New(client.Handler(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
			r.Host = "127.0.0.1:8420"
			show(r)
			w.front.ServeHTTP(out, r)
		})), "http://andon", client.Options{})
	}
	bot := over(bearing(w.token(t, "bot", "operate", "")))
	if said := must(bot.AddComment(t.Context(), "default", task.ID, "hello"))(t); said.Author != "bot (token)" {
		t.Errorf("author %q", said.Author)
	}
	cookie := w.session(t, "operate")
	if said := must(over(func(r *http.Request) { r.AddCookie(cookie) }).AddComment(t.Context(), "default", task.ID, "hello"))(t); said.Author != "ann" {
		t.Errorf("author %q", said.Author)
	}
	ops := over(bearing(w.token(t, "ops", "operate", "ops")))
	if all := must(ops.Boards(t.Context(), true))(t); len(all) != 1 || all[0].Slug != "ops" {
		t.Errorf("boards %+v", all)
	}
	must(ops.CreateTask(t.Context(), "ops", client.TaskCreate{Title: "its own"}))(t)
	_, err := ops.Inbox(t.Context(), "default")
	refusal(t, err, kanban.Unauthorized)
	must(ops.Inbox(t.Context(), ""))(t)
	for _, h := range []store.Hold{
		{Scope: "board:default", Kind: store.Pulled},
		{Scope: "lane:builder", Kind: store.Paused, Tasks: []store.TaskRef{{Board: "default", Task: task.ID}, {Board: "ops", Task: "t_00000001"}}},
	} {
		ok(t, w.boards.CoolDown(t.Context(), h))
	}
	if held := must(ops.Holds(t.Context()))(t); len(held) != 1 || held[0].Scope != "lane:builder" || len(held[0].Tasks) != 1 || held[0].Tasks[0].Board != "ops" {
		t.Errorf("held for its board are %+v", held)
	}
	if may := must(ops.Meta(t.Context()))(t).May; !slices.Contains(may, "create-task") || slices.Contains(may, "gateway-status") {
		t.Errorf("who is for one board may %v", may)
	}
	may := must(over(bearing(w.token(t, "eyes", "read", ""))).Meta(t.Context()))(t).May
	for _, id := range may {
		if needed(id, http.MethodGet) > kanban.ScopeRead {
			t.Errorf("meta says that a reader may %s", id)
		}
	}
	logout := over(func(r *http.Request) { r.AddCookie(cookie) })
	ok(t, logout.EndSession(t.Context()))
	_, err = logout.Boards(t.Context(), false)
	refusal(t, err, kanban.Unauthorized)
}

// TestG30_ForeignPagesAndHosts change nothing, and are served nothing.
func TestG30_ForeignPagesAndHosts(t *testing.T) {
	w := newStreet(t)
	cookie := w.session(t, "admin")
	for name, tt := range map[string]struct {
		change func(*http.Request)
		want   int
	}{
		"its own page":   {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-origin") }, http.StatusCreated},
		"its own origin": {func(r *http.Request) { r.Header.Set("Origin", "http://127.0.0.1:8420") }, http.StatusCreated},
		"through a name": {func(r *http.Request) {
			r.Host = "andon.example.org"
			r.Header.Set("Origin", "https://andon.example.org")
		}, http.StatusCreated},
		"through a tunnel":   {func(r *http.Request) { r.Host = "localhost:9000" }, http.StatusCreated},
		"another site":       {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, http.StatusForbidden},
		"another port":       {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") }, http.StatusForbidden},
		"another origin":     {func(r *http.Request) { r.Header.Set("Origin", "http://127.0.0.1:3000") }, http.StatusForbidden},
		"no origin":          {func(r *http.Request) { r.Header.Set("Origin", "null") }, http.StatusForbidden},
		"a name that points": {func(r *http.Request) { r.Host = "evil.example.org" }, http.StatusMisdirectedRequest},
		"a longer name":      {func(r *http.Request) { r.Host = "andon.example.org.evil.example.org" }, http.StatusMisdirectedRequest},
		"no name":            {func(r *http.Request) { r.Host = "" }, http.StatusMisdirectedRequest},
		"another address":    {func(r *http.Request) { r.Host = "192.0.2.1:8420" }, http.StatusMisdirectedRequest},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.ask(func(r *http.Request) { r.AddCookie(cookie); tt.change(r) }, http.MethodPost, "/api/v1/boards/default/tasks", `{"title":"x"}`)
			if got.Code != tt.want {
				t.Errorf("%d %s, want %d", got.Code, got.Body, tt.want)
			}
			for header, want := range map[string]string{"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"} {
				if !strings.Contains(got.Header().Get(header), want) {
					t.Errorf("%s is %q", header, got.Header().Get(header))
				}
			}
		})
	}
}

// TestG30_Strangers see a page that says how to get in, and runs nothing; a link is
// good once, and is not used up by a look ahead.
func TestG30_Strangers(t *testing.T) {
	w := newStreet(t)
	browser := func(r *http.Request) { r.Header.Set("Accept", "text/html") }
	got := w.ask(browser, http.MethodGet, "/b/default", "")
	if text := got.Body.String(); got.Code != http.StatusUnauthorized || !strings.Contains(text, "andon dashboard") || strings.Contains(text, "<script") {
		t.Errorf("%d %s", got.Code, text)
	}
	link := must(url.Parse(must(w.owner().CreateLogin(t.Context(), client.LoginCreate{Scope: "read"}))(t).URL))(t).RequestURI()
	for name, ahead := range map[string]*httptest.ResponseRecorder{
		"head":     w.ask(browser, http.MethodHead, link, ""),
		"prefetch": w.ask(func(r *http.Request) { r.Header.Set("Sec-Purpose", "prefetch") }, http.MethodGet, link, ""),
	} {
		if ahead.Code != http.StatusUnauthorized || ahead.Header().Get("Set-Cookie") != "" {
			t.Errorf("%s: %d", name, ahead.Code)
		}
	}
	if got := w.ask(browser, http.MethodGet, link, ""); got.Code != http.StatusSeeOther {
		t.Errorf("the first use: %d", got.Code)
	}
	if got := w.ask(browser, http.MethodGet, link, ""); got.Code != http.StatusUnauthorized || got.Header().Get("Set-Cookie") != "" {
		t.Errorf("the second use: %d", got.Code)
	}
	if got := w.ask(browser, http.MethodGet, "/login", ""); got.Code != http.StatusUnauthorized {
		t.Errorf("no code: %d", got.Code)
	}
	cookie := w.session(t, "read")
	again := w.ask(func(r *http.Request) { browser(r); r.AddCookie(cookie) }, http.MethodGet, link, "")
	if again.Code != http.StatusSeeOther || again.Header().Get("Location") != "/" || again.Header().Get("Set-Cookie") != "" {
		t.Errorf("by who is logged in: %d %v", again.Code, again.Header())
	}
}

// TestG30_GuessesAreCounted by address, tokens and links apart, and hold up nobody
// who shows what is right, but a new login.
func TestG30_GuessesAreCounted(t *testing.T) {
	w := newStreet(t)
	cookie, right := w.session(t, "read"), w.token(t, "ci", "read", "")
	const boards = "/api/v1/boards"
	nobody, guess := func(*http.Request) {}, bearing(access.Prefix+"GUESS")
	told := func(what string, got *httptest.ResponseRecorder, status int) {
		t.Helper()
		wait := ""
		if status == http.StatusTooManyRequests {
			wait = "5"
		}
		if got.Code != status || got.Header().Get("Retry-After") != wait {
			t.Errorf("%s: %d, to come again after %q", what, got.Code, got.Header().Get("Retry-After"))
		}
	}
	for range 20 {
		told("a guess", w.ask(guess, http.MethodGet, boards, ""), http.StatusUnauthorized)
	}
	told("guess 21", w.ask(guess, http.MethodGet, boards, ""), http.StatusTooManyRequests)
	told("a guessed session", w.ask(func(r *http.Request) { r.AddCookie(&http.Cookie{Name: cookie.Name, Value: "GUESS"}) }, http.MethodGet, boards, ""), http.StatusTooManyRequests)
	told("a right token", w.ask(bearing(right), http.MethodGet, boards, ""), http.StatusOK)
	told("a session", w.ask(func(r *http.Request) { r.AddCookie(cookie) }, http.MethodGet, boards, ""), http.StatusOK)
	told("another address", w.ask(func(r *http.Request) { guess(r); r.RemoteAddr = "198.51.100.7:1" }, http.MethodGet, boards, ""), http.StatusUnauthorized)
	w.session(t, "read") // a link

	for range 20 {
		told("a code", w.ask(nobody, http.MethodGet, "/login?code=GUESS", ""), http.StatusUnauthorized)
	}
	link := must(url.Parse(must(w.owner().CreateLogin(t.Context(), client.LoginCreate{Scope: "read"}))(t).URL))(t).RequestURI()
	told("a right code among them", w.ask(nobody, http.MethodGet, link, ""), http.StatusTooManyRequests)
	w.passed += 5 * time.Second
	told("that code as long later as it was told", w.ask(nobody, http.MethodGet, link, ""), http.StatusSeeOther)
	told("a guess then", w.ask(guess, http.MethodGet, boards, ""), http.StatusUnauthorized)
	told("and one more", w.ask(guess, http.MethodGet, boards, ""), http.StatusTooManyRequests)
}

// TestG30_ACookieIsForBrowsers: it counts where browsers come in and nowhere else.
func TestG30_ACookieIsForBrowsers(t *testing.T) {
	w := newStreet(t)
	cookie := w.session(t, "admin")
	r := httptest.NewRequest(http.MethodGet, "/api/v1/boards", nil)
	r.AddCookie(cookie)
	out := httptest.NewRecorder()
	w.handler().ServeHTTP(out, r)
	if out.Code != http.StatusForbidden {
		t.Errorf("%d", out.Code)
	}
}
