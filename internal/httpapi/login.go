package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/access"
	"github.com/andon-dev/andon/internal/kanban"
)

// cookieLives is the longest that browsers keep one; the session ends when it is
// not used.
const cookieLives = 400 * 24 * time.Hour

// login exchanges the code of a link for a session.
func (s *server) login(w http.ResponseWriter, r *http.Request) {
	v := visitOf(r.Context())
	if v == nil {
		s.unknownRoute(w, r)
		return
	}
	if r.Method != http.MethodGet || r.Header.Get("Sec-Purpose") != "" { // a look ahead must not use the link up
		s.stranger(w, r, kanban.Errorf(kanban.Unauthorized, "open the link to log in"))
		return
	}
	err := s.links.left(r)
	var secret string
	if err == nil {
		secret, _, err = s.o.Access.Login(r.URL.Query().Get("code"))
		err = s.links.count(r, err)
	}
	w.Header().Set("Cache-Control", "no-store")
	if err != nil && s.loggedIn(r) { // the link was clicked again, or a tab opened anew
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	if err != nil {
		s.stranger(w, r, err)
		return
	}
	http.SetCookie(w, s.cookie(v, secret, cookieLives))
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *server) cookie(v *visit, secret string, lives time.Duration) *http.Cookie {
	c := &http.Cookie{Name: s.o.Access.Cookie(), Value: secret, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: v.secure}
	if c.MaxAge = int(lives.Seconds()); lives == 0 {
		c.MaxAge = -1
	}
	return c
}

// loggedIn reports whether a browser shows the cookie of a session that lives.
func (s *server) loggedIn(r *http.Request) bool {
	c, err := r.Cookie(s.o.Access.Cookie())
	if err != nil {
		return false
	}
	_, err = s.o.Access.Known(access.Session, c.Value)
	return err == nil
}

// stranger is what a browser sees that is not logged in. Its page holds no script.
func (s *server) stranger(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err)
	if kanban.CodeOf(err) == kanban.Unauthorized || kanban.CodeOf(err) == kanban.Stale {
		p.Status = http.StatusUnauthorized
	}
	sum := sha256.Sum256([]byte(strangerStyle))
	w.Header().Set("Content-Security-Policy", fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; frame-ancestors 'none'", base64.StdEncoding.EncodeToString(sum[:])))
	p.begin(w, "text/html; charset=utf-8")
	if err := strangerPage.Execute(w, struct {
		Problem *Problem
		Style   template.CSS
	}{p, strangerStyle}); err != nil {
		s.o.Log.DebugContext(r.Context(), "the caller is gone", "error", err)
	}
}

// strangerStyle looks like the dashboard, whose own sheet is not for strangers.
const strangerStyle = `:root{color-scheme:light dark}body{margin:0;background:light-dark(#f6f7f9,#111317);color:light-dark(#4a5160,#b4bac6);font:15px/22px system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif}` +
	`main{max-width:440px;margin:16vh auto 0;padding:24px;text-align:center;overflow-wrap:anywhere}h1{margin:0 0 12px;color:light-dark(#16181d,#e8eaee);font-size:20px}` +
	`code{padding:6px 12px;border:1px solid light-dark(#dfe3ea,#2c3139);border-radius:8px;background:light-dark(#fff,#181b20);color:light-dark(#16181d,#e8eaee)}`

var strangerPage = template.Must(template.New("").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Andon</title>
<style>{{.Style}}</style>
<main>
<h1>Andon</h1>
<p>{{.Problem.Message}}.
<p>On the machine where the gateway runs, this prints a link that logs you in:
<p><code>andon dashboard</code>
</main>
</html>
`))

// wantsPage reports whether a browser asks for a page and no program for data.
func wantsPage(r *http.Request) bool {
	return r.Method == http.MethodGet && !strings.HasPrefix(r.URL.Path, "/api/") && strings.Contains(r.Header.Get("Accept"), "text/html")
}

type createLoginInput struct {
	Body client.LoginCreate
}

func (s *server) createLogin(ctx context.Context, in *createLoginInput) (*message[client.Login], error) {
	scope, board, err := s.grant(ctx, in.Body.Scope, in.Body.Board)
	if err != nil {
		return nil, err
	}
	c, err := s.control()
	if err != nil {
		return nil, err
	}
	url, err := c.Listen(ctx)
	if err != nil {
		return nil, err
	}
	code, expires, err := s.o.Access.Link(actor(ctx).Name, scope, board)
	return answer(client.Login{URL: url + "/login?code=" + code, ExpiresAt: expires}, err)
}

type endSessionReply struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

func (s *server) endSession(ctx context.Context, _ *nothing) (*endSessionReply, error) {
	v := visitOf(ctx)
	if v == nil || v.session == "" {
		return nil, kanban.Errorf(kanban.Conflict, "this is no session").Hint("andon tokens revoke NAME  ends a token")
	}
	if err := s.o.Access.Revoke(v.session); err != nil {
		return nil, err
	}
	return &endSessionReply{*s.cookie(v, "", 0)}, nil
}
