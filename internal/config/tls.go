package config

import (
	"crypto/tls"

	"github.com/andon-dev/andon/internal/kanban"
)

// LoadServed is Load for a gateway that is to serve: what the file names for TLS
// can be used, too.
//
// Errors: as Load; invalid if the certificate cannot be used.
func LoadServed(path string) (Config, error) {
	c, err := Load(path)
	if err != nil || c.API.Cert == "" {
		return c, err
	}
	if _, err := tls.LoadX509KeyPair(c.API.Cert, c.API.Key); err != nil {
		return Config{}, kanban.Errorf(kanban.Invalid, "%s: api.tls cannot be used: %w", path, err).
			Hint("tls: {cert: FILE, key: FILE}, both PEM, of one pair and readable by this user")
	}
	return c, nil
}
