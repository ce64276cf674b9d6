package gateway

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/andon-dev/andon/internal/worker"
)

// holdersOf lists the processes that hold a TCP connection of this machine, as
// its end at from sees it, and those that may, since nobody can look.
func holdersOf(from, to netip.AddrPort) (holders, closed []int, err error) {
	inode, err := socketOf(from, to)
	if err != nil {
		return nil, nil, err
	}
	processes, err := os.ReadDir("/proc")
	if err != nil {
		return nil, nil, err
	}
	for _, p := range processes {
		pid, err := strconv.Atoi(p.Name())
		if err != nil {
			continue
		}
		switch held, err := holds(pid, "socket:["+inode+"]"); {
		case held:
			holders = append(holders, pid)
		case errors.Is(err, fs.ErrPermission):
			closed = append(closed, pid)
		}
	}
	return holders, closed, nil
}

func holds(pid int, link string) (bool, error) {
	dir := filepath.Join("/proc", strconv.Itoa(pid), "fd")
	files, err := os.ReadDir(dir)
	if err != nil {
		return false, err
	}
	for _, f := range files {
		if to, err := os.Readlink(filepath.Join(dir, f.Name())); err == nil && to == link {
			return true, nil
		}
	}
	return false, nil
}

// socketOf is the inode of the socket that is connected from one address to
// another. It is gone once its process has closed it.
func socketOf(from, to netip.AddrPort) (string, error) {
	for _, table := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
		f, err := os.Open(table)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			fields := strings.Fields(lines.Text())
			const inode = 9
			if len(fields) <= inode || fields[inode] == "0" {
				continue
			}
			if a, ok := hexAddr(fields[1]); !ok || a != from {
				continue
			}
			if a, ok := hexAddr(fields[2]); ok && a == to {
				return fields[inode], nil
			}
		}
		if err := lines.Err(); err != nil {
			return "", err
		}
	}
	return "", worker.ErrGone
}

// hexAddr reads an address as the kernel writes it: words of the machine's order,
// a colon, the port.
func hexAddr(text string) (netip.AddrPort, bool) {
	address, port, _ := strings.Cut(text, ":")
	raw, err := hex.DecodeString(address)
	n, portErr := strconv.ParseUint(port, 16, 16)
	if err != nil || portErr != nil || len(raw)%4 != 0 {
		return netip.AddrPort{}, false
	}
	for i := 0; i < len(raw); i += 4 {
		binary.NativeEndian.PutUint32(raw[i:], binary.BigEndian.Uint32(raw[i:]))
	}
	ip, ok := netip.AddrFromSlice(raw)
	return unmapped(netip.AddrPortFrom(ip, uint16(n))), ok
}
