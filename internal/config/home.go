package config

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/andon-dev/andon/internal/kanban"
)

// Home returns the absolute folder that boards live in: the --home flag, else
// ANDON_HOME, else ~/.andon. It is not created, nor need it exist.
//
// Errors: invalid if none of the three is known.
func Home(flag string, getenv func(string) string) (string, error) {
	home := flag
	if home == "" {
		home = getenv("ANDON_HOME")
	}
	if home == "" {
		user := getenv("HOME")
		if user == "" {
			return "", kanban.Errorf(kanban.Invalid, "there is no home: neither --home nor ANDON_HOME nor HOME is set").
				Hint("andon --home DIR ...")
		}
		home = filepath.Join(user, ".andon")
	}
	abs, err := filepath.Abs(home)
	if err != nil {
		return "", kanban.Errorf(kanban.Invalid, "home %q: %w", home, err).Hint("give an absolute path")
	}
	return abs, nil
}

// Paths are the places of Andon's own files in a home. Databases are missing on
// purpose: only store/sqlite names one.
type Paths struct {
	Home      string
	Dir       string // <home>/andon: the gateway's lock is on this folder, state of the whole home stands in it
	Config    string // andon.yaml
	Socket    string // andon.sock, elsewhere if its path would be too long for a socket
	Gate      string // a folder with nothing but a name of the socket in it, for who is to see no more
	Runs      string // a folder per run
	Spares    string // files that warm supervisors wait with
	Artifacts string // kept files, by content
	Walled    string // lists folders that walled workers were let write to
}

// maxSocket is the longest path that a unix socket can have here, in bytes.
const maxSocket = len(syscall.RawSockaddrUnix{}.Path) - 1

// PathsOf returns the places in home, an absolute path. Nothing is created.
//
// Errors: invalid if the socket's path is too long and XDG_RUNTIME_DIR gives no
// shorter one.
func PathsOf(home string, getenv func(string) string) (Paths, error) {
	dir := filepath.Join(home, "andon")
	p := Paths{
		Home:      home,
		Dir:       dir,
		Config:    filepath.Join(dir, "andon.yaml"),
		Socket:    filepath.Join(dir, "andon.sock"),
		Runs:      filepath.Join(dir, "runs"),
		Spares:    filepath.Join(dir, "spares"),
		Artifacts: filepath.Join(dir, "artifacts"),
		Walled:    filepath.Join(dir, "walled"),
	}
	if len(p.Socket) <= maxSocket {
		p.Gate = gateOf(p.Socket)
		return p, nil
	}
	hash := sha256.Sum256([]byte(filepath.Clean(home)))
	runtime := getenv("XDG_RUNTIME_DIR")
	p.Socket = filepath.Join(runtime, "andon-"+hex.EncodeToString(hash[:8])+".sock")
	if !filepath.IsAbs(runtime) || len(p.Socket) > maxSocket {
		return Paths{}, kanban.Errorf(kanban.Invalid, "the path of %s is too long for its unix socket", home).
			Hint("choose a shorter --home, or set XDG_RUNTIME_DIR to a short folder that only you may enter")
	}
	p.Gate = gateOf(p.Socket)
	return p, nil
}

func gateOf(socket string) string { return strings.TrimSuffix(socket, ".sock") + ".gate" }
