package neighbours

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli"
	"github.com/andon-dev/andon/internal/gateway"
)

// probing names a database whose files something inside the process opens,
// reads and closes all the time. The supervisors that a gateway starts do not
// inherit it.
const probing = "ANDON_TEST_PROBE"

// inside is what this binary does when it is started as a process to attack: it
// is andon, or with "hold" a program that opened the board itself.
func inside() int {
	if db := os.Getenv(probing); db != "" {
		go probe(nil, db, db+"-wal", db+"-shm")
	}
	if os.Args[1] != "hold" {
		return cli.Main()
	}
	if err := hold(os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// hold opens a home without a gateway, and puts tasks on its board until its
// input ends. It says the id of each that was acknowledged.
func hold(home string) error {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // its end is what counts
		cancel()
	}()
	handler, closer, err := gateway.Direct(ctx, gateway.Options{Home: home})
	if err != nil {
		return err
	}
	c := client.New(client.Handler(handler), "http://andon", client.Options{})
	var writing sync.WaitGroup
	for range 3 {
		writing.Go(func() {
			for ctx.Err() == nil {
				task, err := c.CreateTask(ctx, "default", client.TaskCreate{Title: "directly"})
				switch {
				case err == nil:
					fmt.Println(task.ID)
				case ctx.Err() == nil:
					fmt.Fprintln(os.Stderr, "not acknowledged:", err)
				}
			}
		})
	}
	writing.Wait()
	return closer.Close()
}

// probe does what careless code does, until stop: it opens, reads and closes
// the files; some it only forgets, so that the garbage collector closes them.
func probe(stop <-chan struct{}, paths ...string) {
	for n := 0; ; n++ {
		for _, path := range paths {
			f, err := os.Open(path)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				panic(err)
			}
			_, _ = f.Read(make([]byte, 16)) // an empty file will do
			if n%10 != 0 {
				f.Close()
			}
		}
		if n%50 == 0 {
			runtime.GC()
		}
		select {
		case <-stop:
			return
		case <-time.After(200 * time.Microsecond): // leaves the processor to those who are to be disturbed
		}
	}
}
