// Command peers measures other queues on SQLite as bench measures Andon: tasks
// taken and completed per second, safe on disk (synchronous=FULL), by one caller
// and by many. It is a module of its own, because no program may hold two
// SQLites.
package main

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	_ "modernc.org/sqlite"
)

// rate is the median of several rounds.
type rate struct {
	Name    string  `json:"name"`
	Callers int     `json:"callers"`
	Rate    float64 `json:"rate"` // tasks per second
}

// peer takes and completes tasks for a span with a number of callers, on an
// empty database, and returns how many per second.
type peer struct {
	name string
	run  func(ctx context.Context, db *sql.DB, callers int, span time.Duration) (float64, error)
}

func main() {
	span := flag.Duration("span", 3*time.Second, "length of a round")
	rounds := flag.Int("rounds", 5, "rounds of each")
	flag.Parse()
	if err := measure(context.Background(), *span, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

// measure lets the peers take turns, so that what else the machine does meets
// all of them.
func measure(ctx context.Context, span time.Duration, rounds int) error {
	seen := map[rate][]float64{}
	for range rounds {
		for _, p := range []peer{{"goqite", goqitePeer}, {"River", riverPeer}} {
			for _, callers := range []int{1, 64} {
				r, err := round(ctx, p, callers, span)
				if err != nil {
					return fmt.Errorf("%s, %d callers: %w", p.name, callers, err)
				}
				key := rate{Name: p.name, Callers: callers}
				seen[key] = append(seen[key], r)
			}
		}
	}
	var rates []rate
	for r, values := range seen {
		slices.Sort(values)
		r.Rate = values[len(values)/2]
		rates = append(rates, r)
	}
	slices.SortFunc(rates, func(a, b rate) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), a.Callers-b.Callers)
	})
	return json.NewEncoder(os.Stdout).Encode(rates)
}

func round(ctx context.Context, p peer, callers int, span time.Duration) (float64, error) {
	dir, err := os.MkdirTemp("", "peer")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	db, err := open(filepath.Join(dir, "queue.db"))
	if err != nil {
		return 0, err
	}
	defer db.Close()
	return p.run(ctx, db, callers, span)
}

// open uses one connection, as both peers advise, and reads back what makes a
// commit durable.
func open(path string) (*sql.DB, error) {
	q := url.Values{"_txlock": {"immediate"}, "_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)"}}
	db, err := sql.Open("sqlite", "file:"+path+"?"+q.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	var synchronous int
	if err := db.QueryRow("PRAGMA synchronous").Scan(&synchronous); err != nil || synchronous != 2 {
		return nil, fmt.Errorf("synchronous is %d instead of 2 (FULL): %v", synchronous, err)
	}
	return db, nil
}

// stock is how many tasks wait at the start of a round: more than can be done.
func stock(span time.Duration) int { return int(span.Seconds() * 6000) }
