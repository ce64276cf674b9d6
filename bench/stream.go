package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// stream measures what it costs to keep many people up to date: they follow one
// board while its tasks are changed so many times a second. Beside it, the bare
// server passes frames of the same size on to as many.
func stream(ctx context.Context, b *bench) ([]Figure, error) {
	s, err := b.newSite(ctx, "stream", 1_000)
	if err != nil {
		return nil, err
	}
	defer s.close()
	a := &audience{size: pick(b, 200, 50), rate: 100, span: pick(b, 30*time.Second, 5*time.Second)}
	rest := pick(b, 40*time.Second, 5*time.Second) // readers opened at the start close after 30 s
	time.Sleep(rest)
	ours, err := a.listen(ctx, s.daemon.cmd.Process.Pid, s.tcp, "/api/v1/boards/of-1000/stream?after=1000", func(ctx context.Context, n int) error {
		_, _, err := s.tcp.ask(ctx, http.MethodPatch, "/api/v1/boards/of-1000/tasks/"+taskID(n%1000), fmt.Sprintf(`{"title":"Event %d"}`, n))
		return err
	})
	left := time.Now()
	if err != nil {
		return nil, err
	}
	if _, _, err := s.bare.tcp.ask(ctx, http.MethodPut, "/page", ours.sample); err != nil {
		return nil, err
	}
	beside, err := a.listen(ctx, s.bare.cmd.Process.Pid, s.bare.tcp, "/stream", func(ctx context.Context, n int) error {
		_, _, err := s.bare.tcp.ask(ctx, http.MethodPost, fmt.Sprintf("/frame?n=%d", n), "")
		return err
	})
	if err != nil {
		return nil, err
	}
	time.Sleep(time.Until(left.Add(rest)))
	after, err := usage(s.daemon.cmd.Process.Pid)
	return append(a.figures(ours, beside), Figure{Name: a.String() + ": resident memory after they left", Value: mb(after.resident), Unit: "MB"}.
		beside("before", mb(ours.before))), err
}

// audience are people who follow a board, and what happens there.
type audience struct {
	size int
	rate int           // changes per second
	span time.Duration // how long
}

func (a *audience) String() string { return fmt.Sprintf("%d streams, %d events/s", a.size, a.rate) }

// heard is what became of it.
type heard struct {
	sinceAsked, sinceAnswered times
	lost                      int     // frames that somebody missed, or had twice or out of order
	cpu                       float64 // cores
	before, during            int64   // bytes of resident memory
	sample                    string  // data of a frame
}

// listen lets the audience come, makes changes, counts, and lets it go.
func (a *audience) listen(ctx context.Context, pid int, w *way, path string, change func(ctx context.Context, n int) error) (h heard, err error) {
	before, err := usage(pid)
	if err != nil {
		return h, err
	}
	r := a.come(ctx, w, path)
	defer r.leave()
	start, err := usage(pid)
	if err != nil {
		return h, err
	}
	begun := time.Now()
	asked, answered, err := a.happen(ctx, change)
	if err != nil {
		return h, err
	}
	r.await()
	end, err := usage(pid)
	h.cpu = (end.cpu - start.cpu).Seconds() / time.Since(begun).Seconds()
	h.before, h.during = before.resident, end.resident
	r.leave()
	h.sum(r.seats, asked, answered)
	return h, err
}

// total is how many changes there are.
func (a *audience) total() int { return a.rate * int(a.span.Seconds()) }

// happen makes the changes, each at its time, and notes when it was asked for and
// answered.
func (a *audience) happen(ctx context.Context, change func(ctx context.Context, n int) error) (asked, answered []time.Time, err error) {
	asked, answered = make([]time.Time, a.total()+1), make([]time.Time, a.total()+1)
	begun := time.Now()
	err = together(16, a.total(), func(i int) error {
		n := i + 1
		time.Sleep(time.Until(begun.Add(time.Duration(n) * time.Second / time.Duration(a.rate))))
		asked[n] = time.Now()
		err := change(ctx, n)
		answered[n] = time.Now()
		return err
	})
	return asked, answered, err
}

// sum adds up what all have noted.
func (h *heard) sum(seats []*seat, asked, answered []time.Time) {
	h.sample = seats[0].sample
	for _, s := range seats {
		h.lost += s.wrong
		for n := 1; n < len(s.at); n++ {
			if s.at[n].IsZero() {
				h.lost++
				continue
			}
			h.sinceAsked = append(h.sinceAsked, s.at[n].Sub(asked[n]))
			h.sinceAnswered = append(h.sinceAnswered, max(0, s.at[n].Sub(answered[n])))
		}
	}
}

// room is an audience that is there.
type room struct {
	seats  []*seat
	served sync.WaitGroup // until all have had all frames
	leave  func()         // and wait until they have gone
}

// come returns when every stream is open.
func (a *audience) come(ctx context.Context, w *way, path string) *room {
	ctx, cancel := context.WithCancel(ctx)
	r := &room{seats: make([]*seat, a.size)}
	var here, all sync.WaitGroup
	for i := range r.seats {
		here.Add(1)
		r.served.Add(1)
		r.seats[i] = &seat{at: make([]time.Time, a.total()+1), here: sync.OnceFunc(here.Done), served: sync.OnceFunc(r.served.Done)}
		all.Go(func() { r.seats[i].follow(ctx, w, path) })
	}
	r.leave = func() { cancel(); all.Wait() }
	here.Wait()
	return r
}

// await waits for the last frame, and for who misses one not for ever.
func (r *room) await() {
	limit := time.AfterFunc(10*time.Second, r.leave)
	defer limit.Stop()
	r.served.Wait()
}

// figures tell of both.
func (a *audience) figures(ours, bare heard) []Figure {
	const besides = "bare server"
	what := a.String()
	ms := func(name string, ours, bare times, p int) Figure {
		return Figure{Name: fmt.Sprintf("%s: %s, p%d", what, name, p), Value: ours.percentile(p), Unit: "ms"}.beside(besides, bare.percentile(p))
	}
	return []Figure{
		ms("from the request to the reader", ours.sinceAsked, bare.sinceAsked, 50),
		ms("from the request to the reader", ours.sinceAsked, bare.sinceAsked, 99),
		ms("from the answer to the reader", ours.sinceAnswered, bare.sinceAnswered, 50),
		ms("from the answer to the reader", ours.sinceAnswered, bare.sinceAnswered, 99),
		Figure{Name: what + ": frames lost, doubled or out of order", Value: float64(ours.lost), Unit: "frames"}.atMost("G21", 0),
		Figure{Name: what + ": processor", Value: 100 * ours.cpu, Unit: "% of a core"}.beside(besides, 100*bare.cpu),
		Figure{Name: what + ": resident memory", Value: mb(ours.during), Unit: "MB"}.beside("before", mb(ours.before)),
		Figure{Name: what + ": memory taken", Value: mb(ours.during - ours.before), Unit: "MB"}.beside(besides, mb(bare.during-bare.before)),
	}
}

// seat is one who follows. It notes when each frame came.
type seat struct {
	at           []time.Time
	wrong        int    // frames that were not the next one
	sample       string // data of one
	here, served func() // the stream is open; all frames came, or none comes any more
}

func (s *seat) follow(ctx context.Context, w *way, path string) {
	defer s.here()
	defer s.served()
	resp, err := w.open(ctx, http.MethodGet, path, "")
	if err != nil {
		return // all its frames are lost
	}
	defer resp.Body.Close()
	lines := bufio.NewReaderSize(resp.Body, 64<<10)
	var id int64
	for seen := 0; ; {
		line, err := lines.ReadSlice('\n')
		if err != nil {
			return
		}
		field, value, _ := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte(": "))
		switch string(field) {
		case "retry":
			s.here()
		case "id":
			next, _ := strconv.ParseInt(string(value), 10, 64) // they are numbers
			if id != 0 && next != id+1 {
				s.wrong++
			}
			id = next
		case "data":
			n := numbered(value)
			if n <= 0 || n >= len(s.at) || !s.at[n].IsZero() {
				continue
			}
			s.at[n] = time.Now()
			if seen++; seen == len(s.at)-1 {
				s.sample = strings.Replace(string(value), marked(strconv.Itoa(n)), marked("0"), 1)
				s.served()
			}
		}
	}
}

const mark = `"title":"Event `

// marked is what the frame of a change carries, by which it is known.
func marked(n string) string { return mark + n + `"` }

// numbered is the number of the change that a frame tells of, 0 if it tells of none.
func numbered(data []byte) int {
	_, after, _ := bytes.Cut(data, []byte(mark))
	digits, _, _ := bytes.Cut(after, []byte(`"`))
	n, _ := strconv.Atoi(string(digits))
	return n
}
