// Command note is the worker of the benchmarks: it writes its first argument,
// an id, and the time at which it was started into the named pipe that is its
// second, and ends.
package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	started := time.Now()
	if len(os.Args) < 3 {
		return // it is also the smallest program to compare with
	}
	pipe, err := os.OpenFile(os.Args[2], os.O_WRONLY, 0)
	if err == nil {
		_, err = fmt.Fprintf(pipe, "%s %d\n", os.Args[1], started.UnixNano())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
