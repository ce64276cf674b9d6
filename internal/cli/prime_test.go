package cli_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/andon-dev/andon/internal/cli"
	"github.com/andon-dev/andon/internal/cli/clitest"
	"github.com/andon-dev/andon/internal/prime"
)

var command = regexp.MustCompile("`andon ([a-z][^`]*)`")

// TestPrimeNamesWhatThereIs: an agent that types what it was told is not refused
// for a verb or a flag that is not there.
func TestPrimeNamesWhatThereIs(t *testing.T) {
	some := 0
	for _, role := range prime.Roles {
		text, err := prime.Text(prime.Role(role))
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range command.FindAllStringSubmatch(text, -1) {
			words := strings.Fields(found[1])
			cmd, rest, err := cli.NewRoot(clitest.New(t, nil).Factory).Find(words)
			if err != nil || !cmd.Runnable() {
				t.Errorf("%s: there is no andon %s: %v", role, found[1], err)
				continue
			}
			for _, w := range rest {
				if name, ok := strings.CutPrefix(w, "--"); ok && cmd.Flag(name) == nil {
					t.Errorf("%s: andon %s has no --%s", role, cmd.Name(), name)
				}
			}
			some++
		}
	}
	if some < 10 {
		t.Errorf("only %d commands were found", some)
	}
}
