package worker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/proxy"
	"github.com/andon-dev/andon/internal/walls"
)

// eachWall runs a test behind each kind of walls that this machine can put up,
// and says which it cannot.
func eachWall(t *testing.T, network walls.Network, test func(t *testing.T, wall func(r *testRun) *testRun)) {
	for _, mode := range []walls.Mode{walls.Bwrap, walls.Landlock} {
		t.Run(string(mode), func(t *testing.T) {
			c, err := walls.Choose(t.Context(), mode, network)
			if err != nil {
				t.Skipf("this machine cannot do %s: %v", mode, err)
			}
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			test(t, func(r *testRun) *testRun {
				private := t.TempDir()
				p := &walls.Plan{
					Mode: c.Mode, Bwrap: c.Bwrap, Program: self, Network: network, Dir: r.order.Dir,
					Read: []string{self}, Write: []string{r.order.Dir, r.tell(), private},
				}
				if mode == walls.Bwrap {
					p.Shown = []walls.Shown{{From: private, At: "/tmp", Write: true}}
				}
				r.order.Walls = p
				return r
			})
		})
	}
}

func (r *testRun) tell() string {
	for _, v := range r.order.Env {
		if path, ok := strings.CutPrefix(v, "TELL="); ok {
			return path
		}
	}
	return ""
}

// members are the living processes of the run, the worker's main one first.
func (r *testRun) members() []process {
	r.t.Helper()
	table, err := snapshot()
	if err != nil {
		r.t.Fatal(err)
	}
	return table.below(0, r.sup.PID)
}

// G15, G32: what a hostile worker tries, and how far it comes.
func TestG15_AWalledWorkerReachesOnlyItsOwn(t *testing.T) {
	eachWall(t, walls.NetworkOff, func(t *testing.T, wall func(*testRun) *testRun) {
		outside := t.TempDir() // as the home, or the workspace of somebody else
		if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("42\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		_, port, _ := net.SplitHostPort(listener.Addr().String())
		r := wall(newRun(t, `
try() { what=$1; shift; if "$@" >/dev/null 2>&1; then echo "$what: done"; else echo "$what: refused"; fi; }
try 'write into the workspace' sh -c 'echo x >file && mkdir -p a/b && mv file a/b/ && rm -r a'
try 'use the system' python3 -c 'import socket, ssl'
try 'temporary file' mktemp -p "$TMPDIR"
try 'read outside' cat "$OUT/secret"
try 'list outside' ls "$OUT"
try 'write outside' sh -c 'echo 43 >"$OUT/secret"'
try 'make outside' sh -c 'echo 43 >"$OUT/new"'
try 'empty outside' truncate -s 0 "$OUT/secret"
try 'remove outside' rm -f "$OUT/secret" -r "$OUT"
try 'link outside' sh -c 'ln -s "$OUT/secret" link; cat link'
try 'connect' python3 -c 'import socket; socket.create_connection(("127.0.0.1", '$PORT'), 5)'
try 'datagram' python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", '$PORT'))'
try 'a unix socket' python3 -c 'import socket; socket.socket(socket.AF_UNIX)'
try 'stop the supervisor' kill -9 $SUP
try 'its environment' cat /proc/$SUP/environ
`))
		r.order.Env = append(r.order.Env, "OUT="+outside, "PORT="+port, "TMPDIR="+tempDir(r))
		r.take()
		r.order.Env = append(r.order.Env, "SUP="+pidText(r.sup))
		r.begin()
		if exit := r.end(); exit.Reason != Exited || exit.Code != 0 {
			t.Errorf("ended with %+v", exit)
		}
		want := `write into the workspace: done
use the system: done
temporary file: done
read outside: refused
list outside: refused
write outside: refused
make outside: refused
empty outside: refused
remove outside: refused
link outside: refused
connect: refused
datagram: refused
a unix socket: done
stop the supervisor: refused
its environment: refused
`
		got := r.log()
		if r.order.Walls.Mode == walls.Bwrap {
			got = strings.Replace(got, "datagram: done", "datagram: refused", 1)             // it has a loopback of its own, on which nobody listens
			got = strings.Replace(got, "remove outside: done", "remove outside: refused", 1) // rm -f is content with what is not there
		}
		if got != want {
			t.Errorf("got\n%swant\n%s", got, want)
		}
		if text, err := os.ReadFile(filepath.Join(outside, "secret")); err != nil || string(text) != "42\n" {
			t.Errorf("outside there is %q now (%v)", text, err)
		}
		if _, err := os.Lstat(filepath.Join(outside, "new")); err == nil {
			t.Error("a file was made outside")
		}
	})
}

func tempDir(r *testRun) string {
	if s := r.order.Walls.Shown; len(s) > 0 {
		return s[0].At
	}
	return r.order.Walls.Write[2]
}

// G15: what a worker reaches whose network is proxied.
func TestG15_AProxiedWorkerReachesItsHosts(t *testing.T) {
	eachWall(t, walls.NetworkProxied, func(t *testing.T, wall func(*testRun) *testRun) {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hello") }))
		defer srv.Close()
		at := srv.Listener.Addr().String()
		r := wall(newRun(t, `
printf 'begun '
python3 - <<'END'
import http.client, socket
host, port = "`+at+`".split(":")
def attempt(what, f):
    try: print(what + ":", f(), flush=True)
    except OSError as e: print(what + ":", type(e).__name__ if not str(e).startswith("Tunnel") else e, flush=True)
def get(url):
    c = http.client.HTTPConnection("`+walls.Outlet+`", timeout=20); c.request("GET", url); r = c.getresponse()
    return str(r.status) + " " + r.read().decode().strip()
def tunnel(host, port):
    c = http.client.HTTPConnection("`+walls.Outlet+`", timeout=20); c.set_tunnel(host, port); c.request("GET", "/")
    return c.getresponse().read().decode()
def direct(host, port):
    return socket.create_connection((host, port), 5)
attempt("plain", lambda: get("http://`+at+`/"))
attempt("tunnel", lambda: tunnel(host, int(port)))
attempt("another port", lambda: tunnel(host, 1))
attempt("another host", lambda: tunnel("evil.example", 443))
attempt("again", lambda: tunnel("evil.example", 443))
attempt("direct to it", lambda: direct(host, int(port)))
attempt("direct", lambda: direct("192.0.2.1", 443))
attempt("datagram", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53)))
END
`))
		r.order.Proxy = &proxy.Rules{Allow: []string{at}}
		// A hook has a network of its own, and a way out of it.
		r.order.Before = [][]string{{"sh", "-c", `python3 -c 'import http.client
c = http.client.HTTPConnection("` + walls.Outlet + `"); c.request("GET", "http://` + at + `/"); print("hook:", c.getresponse().status)'`}}
		r.start()
		if exit := r.end(); exit.Reason != Exited || exit.Code != 0 {
			t.Errorf("ended with %+v", exit)
		}
		host, _, _ := net.SplitHostPort(at)
		want := `hook: 200
begun plain: 200 hello
tunnel: hello
another port: Tunnel connection failed: 403 Forbidden
andon: refused: ` + host + `:1 is not on the lane's list; in andon.yaml, sandbox: {allow: ["` + host + `:1"]} opens it
another host: Tunnel connection failed: 403 Forbidden
andon: refused: evil.example:443 is not on the lane's list; in andon.yaml, sandbox: {allow: ["evil.example:443"]} opens it
again: Tunnel connection failed: 403 Forbidden
direct to it: ConnectionRefusedError
direct: OSError
datagram: OSError
`
		if got := r.log(); sorted(got) != sorted(want) {
			t.Errorf("got\n%swant\n%s", got, want)
		}
	})
}

// sorted takes away the order of lines that come from different processes.
func sorted(text string) string {
	lines := strings.Split(text, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// G12: the way out ends with the supervisor, and what used it.
func TestG12_NothingIsLeftOfAProxiedRun(t *testing.T) {
	eachWall(t, walls.NetworkProxied, func(t *testing.T, wall func(*testRun) *testRun) {
		far, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer far.Close()
		r := wall(newRun(t, `
exec python3 -c '
import http.client, os
host, port = "`+far.Addr().String()+`".split(":")
c = http.client.HTTPConnection("`+walls.Outlet+`"); c.set_tunnel(host, int(port)); c.connect()
open(os.environ["TELL"], "w").write("through\n")
c.sock.recv(1); import time; time.sleep(600)'`))
		r.order.Proxy = &proxy.Rules{Allow: []string{far.Addr().String()}}
		r.start()
		if err := far.(*net.TCPListener).SetDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		conn, err := far.Accept()
		if err != nil {
			t.Fatal(err, r.log())
		}
		defer conn.Close()
		r.hear()
		members := r.members()
		r.killSupervisor()
		if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) || err == nil {
			t.Errorf("the tunnel is still there: %v", err)
		}
		if err := KillTree(t.Context(), r.dir, 0); err != nil {
			t.Fatal(err)
		}
		for _, p := range members {
			if id, err := p.identity(); err != nil || id.Alive() {
				t.Errorf("%s (%d) is left (%v)", p.name, p.pid, err)
			}
		}
	})
}

func TestNetworkOnIsOn(t *testing.T) {
	eachWall(t, walls.NetworkOn, func(t *testing.T, wall func(*testRun) *testRun) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		_, port, _ := net.SplitHostPort(listener.Addr().String())
		r := wall(newRun(t, `exec python3 -c 'import socket; socket.create_connection(("127.0.0.1", `+port+`), 5)'`)).start()
		if exit := r.end(); exit.Code != 0 {
			t.Errorf("ended with %+v: %s", exit, r.log())
		}
	})
}

// G12: whatever hides in a walled run is found, by its supervisor and by who
// comes after a supervisor that was killed.
func TestG12_NothingIsLeftOfAWalledRun(t *testing.T) {
	eachWall(t, walls.NetworkOn, func(t *testing.T, wall func(*testRun) *testRun) {
		for name, end := range map[string]func(*testRun) error{
			"stopped":              (*testRun).Stop,
			"finished":             (*testRun).Finish,
			"supervisor is killed": (*testRun).Kill,
		} {
			t.Run(name, func(t *testing.T) {
				r := wall(newRun(t, `
trap '' TERM
(setsid sh -c 'trap "" TERM; echo daemon >$TELL; sleep 600' &)
echo main >$TELL
sleep 600`)).start()
				r.hear()
				r.hear()
				members := r.members()
				if len(members) < 3 {
					t.Fatalf("only %d processes", len(members))
				}
				if err := end(r); err != nil {
					t.Fatal(err)
				}
				wait(t, r.Done(), "the end of the supervisor")
				if name == "supervisor is killed" {
					if err := KillTree(t.Context(), r.dir, 0); err != nil {
						t.Fatal(err)
					}
				}
				for _, p := range members {
					if id, err := p.identity(); err != nil || id.Alive() {
						t.Errorf("%s (%d) is left (%v)", p.name, p.pid, err)
					}
				}
			})
		}
	})
}

// G12: behind bubblewrap nothing outlives a killed supervisor, not even what left
// no mark, and nobody has to look for it.
func TestG12_TheKernelEndsABwrappedRunWithItsSupervisor(t *testing.T) {
	eachWall(t, walls.NetworkOn, func(t *testing.T, wall func(*testRun) *testRun) {
		r := wall(newRun(t, `
(exec env -i TELL=$TELL setsid sh -c 'exec 3>&-; echo daemon >$TELL; exec sleep 600' >/dev/null 2>&1 &)
echo main >$TELL
exec sleep 600`)).start()
		if r.order.Walls.Mode != walls.Bwrap {
			t.Skip("landlock walls no processes in: they are looked for by their marks")
		}
		r.hear()
		r.hear()
		members := r.members()
		var open []*Process
		for _, p := range members {
			id, err := p.identity()
			if err != nil {
				t.Fatal(err)
			}
			handle, err := Open(id)
			if err != nil {
				t.Fatal(err)
			}
			defer handle.Close()
			open = append(open, handle)
		}
		r.killSupervisor()
		late, stop := context.WithTimeout(t.Context(), patience) // for all of them
		defer stop()
		for i, p := range open {
			select {
			case <-p.Done():
			case <-late.Done():
				t.Errorf("%s (%d) lives on", members[i].name, members[i].pid)
			}
		}
	})
}

// G15: the gateway sees who calls from behind the walls by the number that the
// caller has outside of them.
func TestG15_AWalledCallerIsItsRun(t *testing.T) {
	eachWall(t, walls.NetworkOff, func(t *testing.T, wall func(*testRun) *testRun) {
		dir := t.TempDir()
		path := filepath.Join(dir, "s")
		listener, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		r := wall(newRun(t, `exec env -i PATH="$PATH" SOCKET="$SOCKET" setsid python3 -c '
import os, socket
s = socket.socket(socket.AF_UNIX); s.connect(os.environ["SOCKET"]); s.recv(1)' 3>&-`))
		r.order.Env = append(r.order.Env, "SOCKET="+path)
		r.order.Walls.Write = append(r.order.Walls.Write, dir)
		r.start()
		if err := listener.(*net.UnixListener).SetDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		conn, err := listener.Accept()
		if err != nil {
			t.Fatal(err, r.log())
		}
		raw, err := conn.(*net.UnixConn).SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		var cred *syscall.Ucred
		if e := raw.Control(func(fd uintptr) {
			cred, err = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
		}); e != nil || err != nil {
			t.Fatal(e, err)
		}
		known := func(id Identity) (string, bool) { return r.dir, id == r.sup }
		if got, ok, err := RunDirOf(int(cred.Pid), filepath.Dir(r.dir), known); err != nil || !ok || got != r.dir {
			t.Errorf("process %d is of run %q, %v, %v", cred.Pid, got, ok, err)
		}
		conn.Close()
		r.end()
	})
}

func TestWalledRunsEndAsTheyWould(t *testing.T) {
	eachWall(t, walls.NetworkOn, func(t *testing.T, wall func(*testRun) *testRun) {
		r := wall(newRun(t, `exit 75`)).start()
		if exit := r.end(); exit.Reason != Exited || exit.Code != 75 {
			t.Errorf("exit 75 is %+v", exit)
		}
		r = wall(newRun(t, `trap 'echo bye; exit 3' TERM; echo ready >$TELL; while :; do sleep 0.05; done`)).start()
		r.hear()
		if err := r.Stop(); err != nil {
			t.Fatal(err)
		}
		if exit := r.end(); exit.Reason != Stopped || exit.Code != 3 || !strings.Contains(r.log(), "bye") {
			t.Errorf("asked to stop, it ended with %+v: %s", exit, r.log())
		}
		r = wall(newRun(t, `cat mark`))
		r.order.Before = [][]string{{"sh", "-c", `cat ` + strconv.Quote(r.dir) + `/lock || echo hooks are walled in, too >mark`}}
		r.start()
		if r.end(); !strings.Contains(r.log(), "hooks are walled in, too") {
			t.Errorf("said %q", r.log())
		}
	})
}

// A wall that cannot be put up is a start that failed, and says why.
func TestG15_NoWallsNoWorker(t *testing.T) {
	eachWall(t, walls.NetworkOn, func(t *testing.T, wall func(*testRun) *testRun) {
		r := wall(newRun(t, `echo unconfined`))
		r.order.Walls.Write = append(r.order.Walls.Write, "/nowhere/at/all")
		r.start()
		if exit := r.end(); exit.Reason != SpawnFailed || !strings.Contains(exit.Error, "/nowhere/at/all") {
			t.Errorf("ended with %+v", exit)
		}
		if said := r.log(); strings.Contains(said, "unconfined") {
			t.Errorf("it ran: %s", said)
		}
		hidden := filepath.Join(t.TempDir(), "program")
		if err := os.WriteFile(hidden, []byte("#!/bin/sh\necho unconfined\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		r = wall(newRun(t, ""))
		r.order.Argv = []string{hidden}
		r.start()
		if exit := r.end(); exit.Reason != SpawnFailed || !strings.Contains(exit.Error, hidden) {
			t.Errorf("a hidden program: %+v", exit)
		}
	})
}
