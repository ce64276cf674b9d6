package config

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker/preset"
)

func checkSlug(s string) error {
	slug, err := kanban.Slug(s)
	if err != nil {
		return errors.New("1 to 64 of a-z, 0-9, - and _, starting with a letter or a digit")
	}
	if slug != s {
		return fmt.Errorf("write %q", slug)
	}
	return nil
}

// checkLane leaves out the words that mean no lane where one is asked for.
func checkLane(s string) error {
	if slices.Contains([]string{kanban.ReviewedByHuman, "none", "null"}, s) {
		return errors.New("another name: this word stands for no lane where one is named")
	}
	return checkSlug(s)
}

func checkTenant(s string) error {
	if s == "" || len(s) > 128 || s != strings.TrimSpace(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return errors.New("1 to 128 bytes without control characters or spaces around")
	}
	return nil
}

var envName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func checkEnvName(s string) error {
	switch {
	case !envName.MatchString(s):
		return errors.New("a name of letters, digits and _, not starting with a digit")
	case strings.HasPrefix(s, "ANDON_"), strings.HasPrefix(s, "HERMES_KANBAN_"):
		return errors.New("names starting with ANDON_ or HERMES_KANBAN_ are set by Andon")
	}
	return nil
}

func checkModel(s string) error {
	if !preset.Argument(s) {
		return errors.New("a name without spaces, not starting with -")
	}
	return nil
}

func checkNUL(s string) error {
	if strings.ContainsRune(s, 0) {
		return errors.New("no NUL characters")
	}
	return nil
}

func checkPath(s string) error {
	if !filepath.IsAbs(s) || checkNUL(s) != nil {
		return errors.New("an absolute path")
	}
	return nil
}

// checkFile takes what can be a file, and is no folder by now.
func checkFile(s string) error {
	if err := checkPath(s); err != nil || strings.HasSuffix(s, "/") {
		return errors.New("the absolute path of a file")
	}
	if info, err := os.Stat(s); err == nil && info.IsDir() {
		return errors.New("a file, and that is a folder")
	}
	return nil
}

// checkURL keeps credentials out: errors and logs name a sink's URL.
func checkURL(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "":
		return errors.New("an absolute https or http URL")
	case u.User != nil:
		return errors.New("a URL without user and password; sign with secret_file or secret_env instead")
	}
	return nil
}
