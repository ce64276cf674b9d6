package httpapi

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/access"
	"github.com/andon-dev/andon/internal/kanban"
)

// Front is what stands before the API where browsers come in: it serves known
// hosts only, changes nothing for a foreign page, tells browsers to run nothing
// of strangers, and writes the access log.
type Front struct {
	API     http.Handler
	Hosts   []string                                                         // names that the server has beside those of loopback
	Secure  bool                                                             // browsers come by https
	Proxied bool                                                             // what a reverse proxy says of who asks counts
	Log     *slog.Logger                                                     // gets a line per request, without what stands behind the path
	Meter   func(method string, status int, stream bool, took time.Duration) // hears of each; nil = nobody does
	// Admit is asked for each request, with "", and again with a name when it is
	// known whose it is; its error is the answer. nil = there is room for all.
	Admit func(ctx context.Context, name string) error
}

// visit is what a request through a front gathers on its way.
type visit struct {
	secure  bool
	admit   func(ctx context.Context, name string) error // Front.Admit
	who     string
	session string // id of the one whose cookie was shown
}

// admitted asks the front whether there is room, for whom it is if that is known.
func (v *visit) admitted(ctx context.Context, name string) error {
	if v.admit == nil {
		return nil
	}
	return v.admit(ctx, name)
}

type visitKey struct{}

func visitOf(ctx context.Context) *visit {
	v, _ := ctx.Value(visitKey{}).(*visit)
	return v
}

func throughFront(r *http.Request) bool { return visitOf(r.Context()) != nil }

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

// Handler is the front as a handler.
func (f Front) Handler() http.Handler {
	s := &server{o: Options{Log: f.Log}}
	origin := http.NewCrossOriginProtection()
	for _, host := range f.Hosts {
		if err := origin.AddTrustedOrigin("https://" + host); err != nil {
			f.Log.Error("a host cannot be trusted as an origin", "host", host, "error", err)
		}
	}
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.refuse(w, r, kanban.Errorf(kanban.Unauthorized, "a page of another origin asks for a change").Hint("use the dashboard under its own address, which api.hosts lists"))
	}))
	inner := origin.Handler(f.API)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, v := time.Now(), &visit{secure: f.Secure, admit: f.Admit}
		r = r.WithContext(context.WithValue(r.Context(), visitKey{}, v))
		if f.Proxied {
			r.RemoteAddr = forwardedFor(r)
		}
		out := &counting{ResponseWriter: w}
		defer func() { f.note(r, out, v, time.Since(began)) }()
		guard(out.Header())
		if err := v.admitted(r.Context(), ""); err != nil {
			out.Header().Set("Connection", "close")
			s.refuse(out, r, err)
			return
		}
		if !f.serves(r) {
			p := problemOf(kanban.Errorf(kanban.Invalid, "this server has no host %s", kanban.Quote(r.Host)).Hint("list the name in andon.yaml: api: {hosts: [...]}"))
			p.Status, p.Title = http.StatusMisdirectedRequest, http.StatusText(http.StatusMisdirectedRequest)
			s.sendProblem(out, r, p)
			return
		}
		inner.ServeHTTP(out, r)
	})
}

// guard tells a browser what it must not do with an answer.
func guard(h http.Header) {
	for key, value := range map[string]string{
		"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		"Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin", "Cache-Control": "private, no-cache",
	} {
		h.Set(key, value)
	}
}

// serves reports whether a request names this server: a name that somebody else
// lets point here makes no page of theirs one of ours.
func (f Front) serves(r *http.Request) bool {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || slices.Contains(f.Hosts, host) {
		return true
	}
	named, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if local == nil {
		return named.IsLoopback()
	}
	own, err := netip.ParseAddrPort(local.String())
	return named.IsLoopback() || err == nil && own.Addr().Unmap() == named.Unmap()
}

// forwardedFor is who asked the proxy: the address that it added last.
func forwardedFor(r *http.Request) string {
	all := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	last, err := netip.ParseAddr(strings.TrimSpace(all[len(all)-1]))
	if err != nil {
		return r.RemoteAddr
	}
	return netip.AddrPortFrom(last, 0).String()
}

// misplaced is a token where a name belongs, as in andon tokens revoke TOKEN.
var misplaced = regexp.MustCompile(access.Prefix + "[A-Z2-7]+")

func (f Front) note(r *http.Request, out *counting, v *visit, took time.Duration) {
	if f.Meter != nil {
		f.Meter(r.Method, out.status, strings.HasPrefix(out.Header().Get("Content-Type"), "text/event-stream"), took)
	}
	f.Log.Info("request", "method", r.Method, "path", misplaced.ReplaceAllString(r.URL.Path, access.Prefix+"***"), "status", out.status, "bytes", out.bytes,
		"ms", took.Milliseconds(), "who", v.who, "from", r.RemoteAddr)
}

// counting knows what was answered.
type counting struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (c *counting) WriteHeader(status int) {
	if c.status == 0 {
		c.status = status
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *counting) Write(p []byte) (int, error) {
	if c.status == 0 {
		c.status = http.StatusOK
	}
	n, err := c.ResponseWriter.Write(p)
	c.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (c *counting) Unwrap() http.ResponseWriter { return c.ResponseWriter }
