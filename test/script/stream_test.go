package script

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// follow reads server-sent events as a browser does, in the background: it comes
// back with the last id that it saw whenever its connection has ended, until an
// event `end` or the end of the script. What it reads is appended to a file, with
// a line "# whole" or "# broken" after each connection: `follow FILE COOKIES URL`.
func follow(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: follow FILE COOKIES URL")
	}
	out, err := os.OpenFile(ts.MkAbs(args[0]), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	ts.Check(err)
	cookie, err := os.ReadFile(ts.MkAbs(args[1]))
	ts.Check(err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		f := follower{url: args[2], cookie: string(cookie), out: out}
		for ctx.Err() == nil && !f.done {
			f.connect(ctx)
			time.Sleep(f.retry)
		}
	}()
	ts.Defer(func() { stop(); <-ended; _ = out.Close() })
}

type follower struct {
	url, cookie, last string
	out               io.Writer
	retry             time.Duration
	done              bool
}

// connect reads one answer to its end.
func (f *follower) connect(ctx context.Context) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url, nil)
	if err != nil {
		return
	}
	r.Header.Set("Cookie", f.cookie)
	if f.last != "" {
		r.Header.Set("Last-Event-ID", f.last)
	}
	resp, err := (&http.Transport{}).RoundTrip(r)
	if err != nil {
		return // nobody is there, yet
	}
	defer resp.Body.Close()
	id, line := "", ""
	for body := bufio.NewReader(resp.Body); err == nil; {
		if line, err = body.ReadString('\n'); err != nil {
			break
		}
		fmt.Fprint(f.out, line)
		field, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch field {
		case "id":
			id = value
		case "retry":
			f.retry, _ = time.ParseDuration(value + "ms")
		case "event":
			f.done = f.done || value == "end"
		case "":
			if id != "" {
				f.last, id = id, ""
			}
		}
	}
	if errors.Is(err, io.EOF) && line == "" && id == "" {
		fmt.Fprintln(f.out, "# whole")
	} else {
		fmt.Fprintln(f.out, "# broken:", err)
	}
}
