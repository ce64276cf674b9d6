package script

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// browser asks for a URL as a browser that keeps its cookies in a file would, and
// prints status, headers and body: `browser FILE [METHOD] URL [HEADER: VALUE]...`.
// It follows no redirect. A header Host is the request's host; FILE - keeps none.
// The certificate in cert.pem, if there is one, is trusted.
func browser(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: browser COOKIES [METHOD] URL [HEADER: VALUE]...")
	}
	cookies, method, args := args[0], http.MethodGet, args[1:]
	if !strings.Contains(args[0], "://") {
		method, args = args[0], args[1:]
	}
	r, err := http.NewRequest(method, strings.TrimSpace(args[0]), nil)
	ts.Check(err)
	for _, line := range args[1:] {
		key, value, _ := strings.Cut(line, ":")
		if value = strings.TrimSpace(value); key == "Host" {
			r.Host = value
			continue
		}
		r.Header.Set(key, value)
	}
	if kept, err := os.ReadFile(ts.MkAbs(cookies)); err == nil {
		r.Header.Set("Cookie", string(kept))
	}
	pool := x509.NewCertPool()
	if cert, err := os.ReadFile(ts.MkAbs("cert.pem")); err == nil {
		pool.AppendCertsFromPEM(cert)
	}
	c := &http.Client{
		Timeout: 20 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := c.Do(r)
	ts.Check(err)
	defer resp.Body.Close()
	fmt.Fprintln(ts.Stdout(), resp.Status)
	ts.Check(resp.Header.Write(ts.Stdout()))
	_, err = io.Copy(ts.Stdout(), resp.Body)
	ts.Check(err)
	for _, c := range resp.Cookies() {
		if cookies != "-" {
			ts.Check(os.WriteFile(ts.MkAbs(cookies), []byte(c.Name+"="+c.Value), 0o600))
		}
	}
}

// guess asks for a URL so many times in a row, each time with another secret in
// place of GUESS, and prints how often it was answered with which status, then the
// headers of the last answer: `guess N URL [HEADER: VALUE]...`.
func guess(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: guess N URL [HEADER: VALUE]...")
	}
	times, err := strconv.Atoi(args[0])
	ts.Check(err)
	c := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{}}
	defer c.CloseIdleConnections()
	answers, headers := map[int]int{}, http.Header{}
	for range times {
		secret := strings.NewReplacer("GUESS", rand.Text())
		r, err := http.NewRequest(http.MethodGet, secret.Replace(strings.TrimSpace(args[1])), nil)
		ts.Check(err)
		for _, line := range args[2:] {
			key, value, _ := strings.Cut(line, ":")
			r.Header.Set(key, secret.Replace(strings.TrimSpace(value)))
		}
		resp, err := c.Do(r)
		ts.Check(err)
		_, err = io.Copy(io.Discard, resp.Body)
		ts.Check(errors.Join(err, resp.Body.Close()))
		answers[resp.StatusCode]++
		headers = resp.Header
	}
	for _, status := range slices.Sorted(maps.Keys(answers)) {
		fmt.Fprintln(ts.Stdout(), status, "times", answers[status])
	}
	ts.Check(headers.Write(ts.Stdout()))
}

// port puts a free one of loopback into a variable.
func port(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: port VARIABLE")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	_, number, err := net.SplitHostPort(l.Addr().String())
	ts.Check(err)
	ts.Check(l.Close())
	ts.Setenv(args[0], number)
}

// certificate makes cert.pem, of loopback and signed by itself, and key.pem.
func certificate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: certificate")
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	one := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	cert, err := x509.CreateCertificate(rand.Reader, one, one, &key.PublicKey, key)
	ts.Check(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("cert.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
}
