// Command andon is a durable task board and dispatcher for fleets of agents.
package main

import (
	"os"

	"github.com/andon-dev/andon/internal/cli"
)

func main() { os.Exit(cli.Main()) }
