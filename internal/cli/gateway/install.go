package gateway

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/kanban"
)

const usualUnit = "andon"

// unit is a service of systemd for one user. Workers belong to it, so it bars
// nothing that they need: walls of theirs are the lanes' matter.
const unit = `[Unit]
Description=Andon, a task board and dispatcher (HOME_SHOWN)

[Service]
Type=notify
ExecStart="PROGRAM" --home "HOME_DIR" gateway run
ExecReload=/bin/kill -HUP $MAINPID
Environment="PATH=SEARCH"
Restart=on-failure
RestartSec=2s
# Workers outlive the gateway; the next one adopts them.
KillMode=process
TimeoutStopSec=30s
# A worker that runs out of memory is that worker's end alone.
OOMPolicy=continue
# For limits of lanes (sandbox: {memory, pids, cpus}); systemd 254 or later.
Delegate=yes
DelegateSubgroup=andon-gateway
# Workers gain no rights: sudo does nothing in them. Take this out if a lane needs it.
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
UMask=0077
LimitCORE=0

[Install]
WantedBy=default.target
`

type installOptions struct {
	*Options
	Print, Force bool
	Unit         string
}

func newInstall(f *cmdutil.Factory, run func(context.Context, *installOptions) error) *cobra.Command {
	o := &installOptions{Options: &Options{Factory: f}}
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Write a systemd user unit for the gateway, and say what to run",
		Long: "Write a systemd user unit for the gateway of this home, and say what to run. It starts nothing. The unit has the PATH\n" +
			"of this shell, in which workers find their programs. A unit that is there and says something else is kept: it is\n" +
			"another home's, or somebody has changed it.",
		Example: cmdutil.Examples(
			"$ andon gateway install",
			"$ andon gateway install --unit andon-work     # for a second home",
			"$ andon gateway install --print"),
		Args: cmdutil.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if run == nil {
				run = install
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVar(&o.Print, "print", false, "only print the unit")
	cmd.Flags().BoolVar(&o.Force, "force", false, "replace a unit that says something else; it is kept beside as NAME.service.old")
	cmd.Flags().StringVar(&o.Unit, "unit", usualUnit, "name of the unit")
	return cmd
}

func install(_ context.Context, o *installOptions) error {
	if err := o.outside(); err != nil {
		return err
	}
	text, err := o.unit()
	if err != nil {
		return err
	}
	p := o.Printer()
	if o.Print {
		return p.Write(text)
	}
	path, err := o.unitPath()
	if err != nil {
		return err
	}
	if err := o.put(path, text); err != nil {
		return err
	}
	o.Progress("Now run:\n  systemctl --user daemon-reload\n  systemctl --user enable --now %s\n  loginctl enable-linger    # so that it runs while you are logged out", filepath.Base(path))
	return p.Said(map[string]string{"unit": path}, path, "Wrote %s", path)
}

// put writes the unit, and replaces no other without a word.
func (o *installOptions) put(path, text string) error {
	there, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	case err == nil && string(there) == text:
		return nil
	case err == nil && !o.Force:
		return kanban.Errorf(kanban.Conflict, "%s is there and says something else", path).
			Hint("andon gateway install --print  shows this one; --force  replaces that one and keeps it as %s.old, --unit NAME  makes another", filepath.Base(path))
	case err == nil:
		err = os.Rename(path, path+".old")
	}
	if err == nil {
		err = os.WriteFile(path, []byte(text), 0o644)
	}
	if err != nil {
		return kanban.Errorf(kanban.Unavailable, "the unit cannot be written: %w", err).Hint("andon gateway install --print  prints it")
	}
	return nil
}

func (o *installOptions) unit() (string, error) {
	home, err := o.Home()
	if err != nil {
		return "", err
	}
	exe, err := os.Executable()
	if err != nil {
		return "", err
	}
	search := o.Getenv("PATH")
	if strings.ContainsAny(home+exe+search, "\n\r\"\\") {
		return "", kanban.Errorf(kanban.Invalid, "a path with quotes, backslashes or line ends cannot stand in a unit").Hint("choose another --home, or set PATH without them")
	}
	literal := strings.NewReplacer("%", "%%", "$", "$$") // what systemd would read as its own
	return strings.NewReplacer("HOME_SHOWN", strings.ReplaceAll(home, "%", "%%"), "PROGRAM", literal.Replace(exe), "HOME_DIR", literal.Replace(home),
		"SEARCH", strings.ReplaceAll(search, "%", "%%")).Replace(unit), nil
}

func (o *installOptions) unitPath() (string, error) {
	name, err := kanban.Slug(strings.TrimSuffix(o.Unit, ".service"))
	if err != nil {
		return "", err
	}
	config := o.Getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(config) {
		if config = o.Getenv("HOME"); config == "" {
			return "", kanban.Errorf(kanban.Invalid, "neither XDG_CONFIG_HOME nor HOME is set").Hint("andon gateway install --print")
		}
		config = filepath.Join(config, ".config")
	}
	return filepath.Join(config, "systemd", "user", name+".service"), nil
}
