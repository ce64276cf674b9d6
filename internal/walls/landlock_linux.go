package walls

import (
	"fmt"
	"os"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// landlockABI is the version of Landlock that this kernel offers.
func landlockABI() (int, error) {
	abi, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return 0, errno
	}
	return int(abi), nil
}

// The rights to files. What a version of Landlock does not know, it cannot deny.
const (
	readFile  = unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_READ_FILE
	writeFile = readFile | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE | unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	readTree  = readFile | unix.LANDLOCK_ACCESS_FS_READ_DIR
	writeTree = readTree | writeFile | unix.LANDLOCK_ACCESS_FS_REMOVE_DIR | unix.LANDLOCK_ACCESS_FS_REMOVE_FILE |
		unix.LANDLOCK_ACCESS_FS_MAKE_CHAR | unix.LANDLOCK_ACCESS_FS_MAKE_DIR | unix.LANDLOCK_ACCESS_FS_MAKE_REG |
		unix.LANDLOCK_ACCESS_FS_MAKE_SOCK | unix.LANDLOCK_ACCESS_FS_MAKE_FIFO | unix.LANDLOCK_ACCESS_FS_MAKE_BLOCK |
		unix.LANDLOCK_ACCESS_FS_MAKE_SYM | unix.LANDLOCK_ACCESS_FS_REFER
)

// handled is all that is denied unless a rule allows it.
func handled(abi int, network Network) (attr unix.LandlockRulesetAttr, size uintptr) {
	attr.Handled_access_fs, size = writeTree, 8
	if abi < 5 {
		attr.Handled_access_fs &^= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	if abi >= 4 {
		size = 16
		if network == NetworkOff {
			attr.Handled_access_net = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
		}
	}
	if abi >= 6 {
		size = 24
		attr.Scoped = unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL
	}
	return attr, size
}

// landlock denies the calling thread, and what it becomes and starts, whatever
// the plan does not list.
func (p Plan) landlock() error {
	abi, err := landlockABI()
	if err != nil {
		return fmt.Errorf("landlock: %w", err)
	}
	if err := p.Check(); err != nil {
		return err
	}
	attr, size := handled(abi, p.Network)
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), size, 0)
	if errno != 0 {
		return fmt.Errorf("landlock: make rules: %w", errno)
	}
	rules := rules{fd: int(fd), known: attr.Handled_access_fs}
	defer unix.Close(rules.fd)
	for _, path := range slices.Concat(System(), []string{"/proc", "/sys"}) {
		if err := rules.allow(path, readTree, readFile); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	for _, path := range devices {
		if err := rules.allow(path, writeTree, writeFile); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	rules.places = p.Places
	for _, path := range p.Read {
		if err := rules.allow(path, readTree, readFile); err != nil {
			return err
		}
	}
	for _, path := range p.Write {
		if err := rules.allow(path, writeTree, writeFile); err != nil {
			return err
		}
	}
	if _, _, errno := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0, 0); errno != 0 {
		return fmt.Errorf("landlock: %w", errno)
	}
	if place, ok := p.Places[p.Dir]; ok {
		return place.is(".")
	}
	return nil
}

type rules struct {
	fd     int
	known  uint64
	places map[string]Place
}

// allow gives rights to a path: as a folder with all below it, or as a file.
func (r rules) allow(path string, tree, file uint64) error {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return &os.PathError{Op: "open", Path: path, Err: err}
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return &os.PathError{Op: "stat", Path: path, Err: err}
	}
	if place, ok := r.places[path]; ok && place != placeOf(&st) {
		return fmt.Errorf("landlock: %s: %w", path, errExchanged)
	}
	rights := file
	if st.Mode&unix.S_IFMT == unix.S_IFDIR {
		rights = tree
	}
	rule := unix.LandlockPathBeneathAttr{Allowed_access: rights & r.known, Parent_fd: int32(fd)}
	_, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(r.fd), unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&rule)), 0, 0, 0)
	if errno != 0 {
		return fmt.Errorf("landlock: allow %s: %w", path, errno)
	}
	return nil
}
