package cord

import (
	"context"
	"testing"

	"github.com/andon-dev/andon/internal/cli/clitest"
	"github.com/andon-dev/andon/internal/kanban"
)

// TestScope: the cord is pulled for the home unless something smaller is named,
// and never for what the environment happens to select.
func TestScope(t *testing.T) {
	for name, tt := range map[string]struct {
		args  []string
		board string
		want  string
	}{
		"nothing":    {nil, "", "all"},
		"all":        {[]string{"--all"}, "", "all"},
		"a lane":     {[]string{"--lane", "Builder"}, "", "lane:builder"},
		"a board":    {nil, "web", "board:web"},
		"an account": {[]string{"--account", "max"}, "", "account:max"},
		"empty lane": {[]string{"--lane", ""}, "", ""},
		"blank name": {[]string{"--account", " "}, "", ""},
		"two":        {[]string{"--lane", "a", "--all"}, "", ""},

		"as in lists":       {[]string{"lane:Slow"}, "", "lane:slow"},
		"and why":           {[]string{"account:max", "it", "costs"}, "", "account:max"},
		"all as in lists":   {[]string{"all"}, "", "all"},
		"a repository":      {[]string{"repo:/src/Web"}, "", "repo:/src/Web"},
		"a reason":          {[]string{"red", "build"}, "", "all"},
		"a reason in one":   {[]string{"CI: red build"}, "", "all"},
		"a colon alone":     {[]string{"CI:", "red"}, "", "all"},
		"a reason for one":  {[]string{"--lane", "a", "all", "red"}, "", "lane:a"},
		"not what it means": {[]string{"lanes:slow"}, "", "lanes:slow"}, // which the home refuses
		"twice":             {[]string{"--lane", "a", "lane:b"}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := clitest.New(t, nil)
			s.Env["ANDON_BOARD"] = "elsewhere"
			s.Globals.Board = tt.board
			var got string
			err := clitest.Parse(t, New(s.Factory, func(_ context.Context, o *Options) (err error) {
				got, err = o.scope()
				return err
			}), tt.args...)
			if tt.want == "" {
				if kanban.CodeOf(err) != kanban.Invalid {
					t.Errorf("got %v, want an invalid error", err)
				}
				return
			}
			if err != nil || got != tt.want {
				t.Errorf("got %q %v, want %q", got, err, tt.want)
			}
		})
	}
}
