// Package version is andon version.
package version

import (
	"runtime"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/internal/cli/cmdutil"
)

// New returns the command.
func New(f *cmdutil.Factory) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: cmdutil.Examples("$ andon version", "$ andon version -o json"),
		Args:    cmdutil.None,
		RunE: func(*cobra.Command, []string) error {
			v := struct {
				Version string `json:"version"`
				Go      string `json:"go"`
				System  string `json:"system"`
			}{f.Version, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
			return f.Printer().Said(v, v.Version, "andon %s (%s, %s)", v.Version, v.Go, v.System)
		},
	}
}
