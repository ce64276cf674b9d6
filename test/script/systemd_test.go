package script

import (
	"os"
	"os/exec"
	"sync"
)

// ownSystemd reports whether a systemd can be run here that is this test's alone:
// it takes root, namespaces and a cgroup2 that may be written.
var ownSystemd = sync.OnceValue(func() bool {
	for _, program := range []string{"systemctl", "systemd-analyze", "unshare"} {
		if _, err := exec.LookPath(program); err != nil {
			return false
		}
	}
	const try = `cg=$(awk '$3 == "cgroup2" {print $2; exit}' /proc/mounts) && mkdir "$cg/andon-try" && rmdir "$cg/andon-try" &&
		unshare --mount --pid --fork --cgroup --mount-proc sh -c 'mount -t tmpfs none /run && mount -t cgroup2 none /sys/fs/cgroup'`
	return os.Getuid() == 0 && exec.Command("sh", "-c", try).Run() == nil
})
