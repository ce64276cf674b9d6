package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// way leads to a server. It reads answers and looks at nothing in them, so that
// what is measured is the server.
type way struct {
	http   *http.Client
	base   string
	token  string // "" = none
	server int    // process id
}

// wayTo takes "unix:/path" or an address of TCP, and the server's process.
func wayTo(address, token string, server int) *way {
	path, unix := strings.CutPrefix(address, "unix:")
	t := &http.Transport{MaxIdleConnsPerHost: 1000, DisableCompression: true}
	w := &way{&http.Client{Transport: t}, "http://" + address, token, server}
	if unix {
		w.base = "http://andon"
		t.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		}
	}
	return w
}

// open sends a request. The answer is good, and the caller's to close.
func (w *way) open(ctx context.Context, method, path, body string, header ...string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, w.base+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if w.token != "" {
		r.Header.Set("Authorization", "Bearer "+w.token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := w.http.Do(r)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 400 {
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body) // the status tells enough
		return nil, fmt.Errorf("%s %s: %s %s", method, path, resp.Status, text)
	}
	return resp, nil
}

// ask sends a request and reads the answer.
func (w *way) ask(ctx context.Context, method, path, body string, header ...string) (text []byte, tag string, err error) {
	resp, err := w.open(ctx, method, path, body, header...)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	var read bytes.Buffer
	_, err = read.ReadFrom(resp.Body)
	return read.Bytes(), resp.Header.Get("ETag"), err
}

// load is something that a number of callers do, each as soon as it has an
// answer, and how long it took.
type load struct {
	name    string
	callers int
	do      func(caller, i int) error
	server  int // whose processor time counts; 0 = nobody's

	mu    sync.Mutex
	took  times
	rates []float64 // each round's, per second
	done  []int     // by each caller, in all rounds
	cpu   time.Duration
}

// round works for a span.
func (l *load) round(span time.Duration) error {
	if l.done == nil {
		l.done = make([]int, l.callers)
	}
	used, err := l.used()
	if err != nil {
		return err
	}
	begun, before := time.Now(), len(l.took)
	err = together(l.callers, l.callers, func(caller int) error {
		var took times
		for time.Since(begun) < span {
			sent := time.Now()
			if err := l.do(caller, l.done[caller]); err != nil {
				return err
			}
			took = append(took, time.Since(sent))
			l.done[caller]++
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.took = append(l.took, took...)
		return nil
	})
	if err != nil {
		return err
	}
	l.rates = append(l.rates, float64(len(l.took)-before)/time.Since(begun).Seconds())
	after, err := l.used()
	l.cpu += after - used
	return err
}

// used is the processor time of the server so far.
func (l *load) used() (time.Duration, error) {
	if l.server == 0 {
		return 0, nil
	}
	return processor(l.server)
}

// figures are a load's, each beside that of another.
func (l *load) figures(what string, other *load) []Figure {
	name := fmt.Sprintf("%s, callers: %d", l.name, l.callers)
	figures := []Figure{
		Figure{Name: name, Value: median(l.rates), Unit: "requests/s"}.beside(what, median(other.rates)),
		Figure{Name: name + ", p50", Value: l.took.percentile(50), Unit: "ms"}.beside(what, other.took.percentile(50)),
		Figure{Name: name + ", p99", Value: l.took.percentile(99), Unit: "ms"}.beside(what, other.took.percentile(99)),
	}
	if l.server == 0 || l.callers > 1 {
		return figures
	}
	cpu := Figure{Name: name + ", processor", Value: l.each(), Unit: "ms"}
	if other.server != 0 {
		cpu = cpu.beside(what, other.each())
	}
	return append(figures, cpu)
}

// each is the processor time of one request in milliseconds. Others' work hardly
// counts in it.
func (l *load) each() float64 { return ms(l.cpu) / float64(len(l.took)) }
