package script

import (
	"os"
	"os/exec"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"
)

// release builds andon under a version of its own, and if told under another
// generation of the API: `release FILE VERSION [API]`.
func release(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: release FILE VERSION [API]")
	}
	const module = "github.com/andon-dev/andon"
	flags := "-s -w -X " + module + "/internal/cli.Version=" + args[1]
	if len(args) == 3 {
		flags += " -X " + module + "/client.API=" + args[2]
	}
	cmd := exec.Command("go", "build", "-ldflags", flags, "-o", ts.MkAbs(args[0]), module+"/cmd/andon")
	cmd.Dir = filepath.Join(origin, "..", "..")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		ts.Fatalf("%v\n%s", err, out)
	}
}
