package cmdutil

import (
	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
)

// Guest is set for a command that somebody typed elsewhere than at this process,
// in a chat. The folder that this process stands in says nothing then.
type Guest struct {
	Client  *client.Client             // the way in, as whoever typed it
	Session string                     // whose last task @last is; letters, digits, - and _
	Permit  func(*cobra.Command) error // refuses what was parsed before it runs
}
