package proxy

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestCheckHost(t *testing.T) {
	for _, entry := range []string{
		"api.example.org", "API.Example.org", "*.example.org", "registry.example.org:8443", "*.example.org:443", "localhost:8080",
		"10.0.0.7", "10.0.0.7:5000", "::1", "[::1]:8080", "xn--bcher-kva.example", "_srv.example.org",
	} {
		if err := CheckHost(entry); err != nil {
			t.Errorf("%s: %v", entry, err)
		}
	}
	for _, entry := range []string{
		"", "*", "*.", "example.*", "a.*.org", "https://example.org", "example.org/path", "example.org:0", "example.org:http",
		"example.org:70000", "10.0.0.0/8", "*.0.0.1", "127.1", "fe80::1%eth0", "a b", "-a.org", strings.Repeat("a.", 200) + "org", "user@example.org",
	} {
		if CheckHost(entry) == nil {
			t.Errorf("%q is taken for a host", entry)
		}
	}
}

// G15: what a list opens, and what looks as if it did.
func TestG15_AllowsWhatIsListed(t *testing.T) {
	p, err := New(Rules{Allow: []string{"api.example.org", "*.wild.org", "reg.example.org:8443", "10.0.0.7:5000", "[2001:db8::1]:80", "8.8.8.8"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for authority, want := range map[string]bool{
		"api.example.org:443":          true,
		"api.example.org:80":           true,
		"API.Example.Org.:443":         true,
		"api.example.org:22":           false,
		"xapi.example.org:443":         false,
		"x.api.example.org:443":        false,
		"api.example.org.evil.net:443": false,
		"wild.org:443":                 false,
		"a.wild.org:443":               true,
		"a.b.wild.org:443":             true,
		"evilwild.org:443":             false,
		"reg.example.org:8443":         true,
		"reg.example.org:443":          false,
		"10.0.0.7:5000":                true,
		"[::ffff:10.0.0.7]:5000":       true,
		"10.0.0.7:443":                 false,
		"10.0.0.8:5000":                false,
		"[2001:db8:0::1]:80":           true,
		"8.8.8.8:443":                  true,
		"8.8.4.4:443":                  false,
		"134744072:443":                false, // 8.8.8.8 as a number
		"api.example.org":              false, // CONNECT needs a port
		"api.example.org\x00:443":      false,
		"[fe80::1%25lo]:443":           false,
	} {
		to, ok := targetOf(authority, "")
		if got := ok && p.allow.allows(to.name, to.port); got != want {
			t.Errorf("%q: %v", authority, got)
		}
	}
}

// G15: no name leads to what is reserved or private.
func TestG15_DialsOnlyTheInternet(t *testing.T) {
	p, err := New(Rules{Allow: []string{"10.0.0.7:5000"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	check := p.guarded().Control
	for address, want := range map[string]bool{
		"93.184.216.34:443":         true,
		"[2606:4700:4700::1111]:80": true,
		"10.0.0.7:5000":             true,
		"10.0.0.7:5001":             false,
		"127.0.0.1:443":             false,
		"0.0.0.0:443":               false,
		"10.0.0.1:443":              false,
		"172.16.0.1:443":            false,
		"192.168.1.1:443":           false,
		"169.254.169.254:80":        false,
		"100.64.0.1:443":            false,
		"224.0.0.1:443":             false,
		"255.255.255.255:443":       false,
		"[::1]:443":                 false,
		"[::]:443":                  false,
		"[fe80::1]:443":             false,
		"[fd00:ec2::254]:80":        false,
		"[::ffff:127.0.0.1]:443":    false,
		"[64:ff9b::7f00:1]:443":     false,
		"[2002:7f00:1::]:443":       false,
	} {
		network := "tcp6"
		if netip.MustParseAddrPort(address).Addr().Is4() {
			network = "tcp4"
		}
		if got := check(network, address, nil) == nil; got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

// served is a proxy at work, and what it told.
type served struct {
	t    *testing.T
	at   string
	mu   sync.Mutex
	told []string
}

func serve(t *testing.T, r Rules) *served {
	t.Helper()
	s := &served{t: t}
	p, err := New(r, func(refused string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.told = append(s.told, refused)
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = p.Serve(l) }()
	t.Cleanup(func() { l.Close() })
	s.at = l.Addr().String()
	return s
}

func (s *served) tellings() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.told)
}

// get asks for a plain URL.
func (s *served) get(target string) (status int, body string) {
	s.t.Helper()
	c := http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: s.at}), DisableKeepAlives: true}}
	resp, err := c.Get(target)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, string(raw)
}

// say sends raw bytes and returns the answer, and the connection to go on with.
func (s *served) say(raw string) (*http.Response, net.Conn, *bufio.Reader) {
	s.t.Helper()
	conn, err := net.Dial("tcp", s.at)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { conn.Close() })
	if _, err := io.WriteString(conn, raw); err != nil {
		s.t.Fatal(err)
	}
	r := bufio.NewReader(conn)
	method, _, _ := strings.Cut(raw, " ")
	resp, err := http.ReadResponse(r, &http.Request{Method: method})
	if err != nil {
		s.t.Fatal(err)
	}
	return resp, conn, r
}

func connectTo(authority string) string {
	return "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n"
}

// origin is a server on loopback.
func origin(t *testing.T) (host, port string) {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s %s", r.Method, r.Host, r.Header.Get("Proxy-Authorization"))
	}))
	t.Cleanup(srv.Close)
	host, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return host, port
}

func TestG15_ForwardsToListedHosts(t *testing.T) {
	host, port := origin(t)
	s := serve(t, Rules{Allow: []string{host + ":" + port}})
	if status, body := s.get("http://" + host + ":" + port + "/x"); status != 200 || body != "GET "+host+":"+port+" " {
		t.Errorf("plain: %d %q", status, body)
	}
	resp, conn, r := s.say(connectTo(host + ":" + port))
	if resp.StatusCode != 200 {
		t.Fatalf("tunnel: %s", resp.Status)
	}
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: inner\r\nConnection: close\r\n\r\n")
	if through, err := io.ReadAll(r); err != nil || !strings.HasSuffix(string(through), "GET inner ") {
		t.Errorf("through the tunnel came %q, %v", through, err)
	}
	if told := s.tellings(); len(told) > 0 {
		t.Errorf("told %q", told)
	}
}

// What was sent before the worker closed its half arrives, and so does the answer.
func TestATunnelIsClosedByHalves(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		all, _ := io.ReadAll(conn)
		_, _ = conn.Write([]byte("got " + string(all)))
	}()
	s := serve(t, Rules{Allow: []string{l.Addr().String()}})
	_, conn, r := s.say(connectTo(l.Addr().String()) + "early ")
	fmt.Fprint(conn, "late")
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if all, err := io.ReadAll(r); err != nil || string(all) != "got early late" {
		t.Errorf("%q, %v", all, err)
	}
}

func TestG15_RefusesTheRest(t *testing.T) {
	host, port := origin(t)
	s := serve(t, Rules{Allow: []string{"api.example.org", "localhost:" + port}})
	refused := func(resp *http.Response, status int, words ...string) {
		t.Helper()
		if resp.StatusCode != status {
			t.Errorf("%s", resp.Status)
			return // of a tunnel there is no end to read to
		}
		body, _ := io.ReadAll(resp.Body)
		for _, w := range words {
			if !strings.Contains(string(body), w) {
				t.Errorf("%q does not say %q", body, w)
			}
		}
	}
	for range 2 {
		resp, _, _ := s.say(connectTo("evil.example:443"))
		refused(resp, 403, "evil.example:443 is not on the lane's list", `allow: ["evil.example:443"]`)
	}
	resp, _, _ := s.say("GET http://evil.example/x HTTP/1.1\r\nHost: api.example.org\r\n\r\n") // the URL counts
	refused(resp, 403, "evil.example:80")
	resp, _, _ = s.say(connectTo(host + ":" + port))
	refused(resp, 403, "not on the lane's list") // an address is listed as an address
	// A name that is listed and leads to this machine.
	resp, _, _ = s.say(connectTo("localhost:" + port))
	refused(resp, 403, "not on the internet", `:`+port+`"]} beside the name`)
	resp, _, _ = s.say("GET http://localhost:" + port + "/ HTTP/1.1\r\nHost: x\r\n\r\n")
	refused(resp, 403, "not on the internet")
	for _, raw := range []string{
		"GET / HTTP/1.1\r\nHost: api.example.org\r\n\r\n",
		"GET https://api.example.org/ HTTP/1.1\r\nHost: api.example.org\r\n\r\n",
		"GET ftp://api.example.org/ HTTP/1.1\r\nHost: api.example.org\r\n\r\n",
		connectTo("api.example.org"),
	} {
		resp, _, _ := s.say(raw)
		refused(resp, 400)
	}
	told := s.tellings()
	if len(told) != 4 || !strings.Contains(told[0], "evil.example:443") {
		t.Errorf("told %q", told)
	}
	// Beside its name, the address opens it.
	s = serve(t, Rules{Allow: []string{"localhost:" + port, host + ":" + port}})
	if status, body := s.get("http://localhost:" + port + "/"); status != 200 {
		t.Errorf("%d %s", status, body)
	}
}

// Whoever asks for ever other hosts fills neither log nor memory.
func TestTellsSoMuchAndNoMore(t *testing.T) {
	s := serve(t, Rules{})
	for i := range maxTold + 5 {
		resp, conn, _ := s.say(connectTo(fmt.Sprintf("h%d.example:443", i)))
		if resp.StatusCode != 403 {
			t.Fatal(resp.Status)
		}
		conn.Close()
	}
	if n := len(s.tellings()); n != maxTold {
		t.Errorf("told %d", n)
	}
}

// A proxy of the user's own is gone through, and the worker learns no password.
func TestGoesThroughTheUsersProxy(t *testing.T) {
	var mu sync.Mutex
	var asked []string
	user := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked = append(asked, r.Method+" "+r.Host+" "+r.Header.Get("Proxy-Authorization"))
		mu.Unlock()
		if r.Method != http.MethodConnect {
			fmt.Fprint(w, "from afar")
			return
		}
		conn, buf, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		fmt.Fprint(conn, "HTTP/1.1 200 OK\r\n\r\nhello ") // some speak first
		line, _ := buf.ReadString('\n')
		fmt.Fprint(conn, "echo "+line)
	}))
	defer user.Close()
	via := "http://me:secret@" + user.Listener.Addr().String()
	s := serve(t, Rules{Allow: []string{"api.example.org"}, Upstream: Upstream{HTTP: via, HTTPS: via}})
	if status, body := s.get("http://api.example.org/"); status != 200 || body != "from afar" {
		t.Errorf("%d %q", status, body)
	}
	_, conn, r := s.say(connectTo("api.example.org:443"))
	fmt.Fprintln(conn, "x")
	if all, err := io.ReadAll(r); err != nil || string(all) != "hello echo x\n" {
		t.Errorf("%q, %v", all, err)
	}
	resp, _, _ := s.say(connectTo("evil.example:443"))
	if resp.StatusCode != 403 {
		t.Error(resp.Status)
	}
	want := []string{"GET api.example.org Basic bWU6c2VjcmV0", "CONNECT api.example.org:443 Basic bWU6c2VjcmV0"}
	if !slices.Equal(asked, want) {
		t.Errorf("asked %q", asked)
	}
}

func TestUpstreamCheck(t *testing.T) {
	for _, u := range []Upstream{{}, {HTTP: "proxy:3128"}, {HTTPS: "http://u:p@proxy:3128", No: "*"}, {HTTPS: "https://proxy"}} {
		if err := u.Check(); err != nil {
			t.Errorf("%+v: %v", u, err)
		}
	}
	err := Upstream{HTTPS: "socks5://u:secret@proxy:1080"}.Check()
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("socks: %v", err)
	}
}

// An upstream that never answers is given up.
func TestAskProxyHonoursItsContext(t *testing.T) {
	ours, theirs := net.Pipe()
	defer theirs.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, _ = theirs.Read(make([]byte, 1<<10))
		cancel()
	}()
	if _, err := askProxy(ctx, ours, &url.URL{Scheme: "http", Host: "p"}, target{"h.example", 443}); err == nil {
		t.Error("no error")
	}
}
