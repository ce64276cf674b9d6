// Command control holds a board as Andon does not: with a SQLite whose locks
// are those of the process, so that any close of the file takes them away. It
// is a module of its own, so that nothing of it can be linked into Andon.
package main

import (
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net/url"
	"os"
	"time"

	_ "modernc.org/sqlite"
)

// main puts tasks on the board in a file, and prints the id of each that was
// committed, until its input ends. With a second argument something in the
// process opens, reads and closes the files meanwhile.
func main() {
	db := os.Args[1]
	dsn := url.URL{Scheme: "file", OmitHost: true, Path: db, RawQuery: "_pragma=busy_timeout(10000)&_pragma=synchronous(full)&_txlock=immediate"}
	board, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		log.Fatal(err)
	}
	board.SetMaxOpenConns(1)
	board.SetMaxIdleConns(1)
	if len(os.Args) > 2 {
		go probe(db, db+"-wal", db+"-shm")
	}
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // its end is what counts
		close(ended)
	}()
	for {
		select {
		case <-ended:
			return
		default:
		}
		id := "t_" + rand.Text()
		if _, err := board.Exec("INSERT INTO tasks (id, title, status, created_at) VALUES (?, 'control', 'blocked', ?)", id, time.Now().Unix()); err != nil {
			fmt.Fprintln(os.Stderr, "not acknowledged:", err)
			continue
		}
		fmt.Println(id)
	}
}

func probe(paths ...string) {
	for {
		for _, path := range paths {
			f, err := os.Open(path)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				log.Fatal(err)
			}
			_, _ = f.Read(make([]byte, 16))
			f.Close()
		}
		time.Sleep(time.Millisecond)
	}
}
