package workspace

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"syscall"
)

// headOf reads without git where a git directory is: the ref that its HEAD
// names, and the commit; each "" if there is none.
func headOf(private *os.Root) (ref, id string, err error) {
	name := "HEAD"
	for range mostHops {
		text, err := readText(private, name)
		if ref != "" && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)) {
			id, err = packedRef(private, name)
			return ref, id, err
		}
		if err != nil {
			return "", "", err
		}
		next, symbolic := strings.CutPrefix(text, "ref:")
		switch {
		case symbolic:
			if name = strings.TrimSpace(next); ref == "" {
				ref = name
			}
		case isObject.MatchString(text):
			return ref, text, nil
		default:
			return "", "", &untakenError{name, errors.New("it names no commit")}
		}
	}
	return "", "", &untakenError{"HEAD", errors.New("it leads in a circle")}
}

// mostHops is how far git itself follows a ref that names another.
const mostHops = 5

var isObject = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

func packedRef(private *os.Root, ref string) (string, error) {
	text, err := readText(private, "packed-refs")
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	for line := range strings.Lines(text) {
		if id, name, _ := strings.Cut(strings.TrimSpace(line), " "); name == ref && isObject.MatchString(id) {
			return id, nil
		}
	}
	return "", err
}

// mostText bounds what is read of HEAD and refs, in bytes.
const mostText = 64 << 20

// readText reads a file that may be anything by now.
func readText(root *os.Root, name string) (string, error) {
	f, err := openRegular(root, name)
	if err != nil {
		return "", &untakenError{name, err}
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, mostText))
	return strings.TrimSpace(string(text)), err
}
