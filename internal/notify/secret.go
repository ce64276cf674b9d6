package notify

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// Secret reads what a destination has to be shown or told by, at each message,
// so that it can be changed without a reload. Its errors never contain it.
type Secret func() ([]byte, error)

const maxSecret = 4 << 10 // bytes

// SecretFile reads a file; white space around the secret does not count.
func SecretFile(path string) Secret {
	return func() ([]byte, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("the secret cannot be read: %w", err)
		}
		defer f.Close()
		raw, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
		if err != nil {
			return nil, fmt.Errorf("the secret cannot be read: %w", err)
		}
		if len(raw) > maxSecret {
			return nil, fmt.Errorf("the secret in %s is longer than %d bytes", path, maxSecret)
		}
		return present(raw, path)
	}
}

// SecretEnv reads a variable of the gateway's environment.
func SecretEnv(name string) Secret {
	return func() ([]byte, error) { return present([]byte(os.Getenv(name)), name) }
}

func present(raw []byte, from string) ([]byte, error) {
	if raw = bytes.TrimSpace(raw); len(raw) == 0 {
		return nil, errors.New("the secret in " + from + " is empty")
	}
	return raw, nil
}
