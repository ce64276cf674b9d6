package config

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
)

// CheckSecrets looks at the files that hold secrets, without reading them.
// Variables are those of whoever starts the gateway.
//
// Errors: invalid with each that is missing, cannot be read, or can be read by
// others than its owner.
func (c Config) CheckSecrets() error {
	var problems, ways []string
	look := func(path string, s secret) {
		problem, way := s.problem()
		if problem == "" || s.file == "" {
			return
		}
		problems = append(problems, path+problem)
		if !slices.Contains(ways, way) {
			ways = append(ways, way)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Notify.Sinks)) {
		s := c.Notify.Sinks[name]
		for _, secret := range s.secrets() {
			look("notify.sinks."+name+"."+secret.key, secret)
		}
	}
	look("planner.key", secret{"key", c.Planner.KeyFile, c.Planner.KeyEnv})
	switch len(problems) {
	case 0:
		return nil
	case 1:
		return kanban.Errorf(kanban.Invalid, "%s", problems[0]).Hint("%s", strings.Join(ways, "; "))
	}
	return kanban.Errorf(kanban.Invalid, "%d secrets cannot be used\n%s", len(problems), strings.Join(problems, "\n")).Hint("%s", strings.Join(ways, "; "))
}

// secret is where a secret stands; key is what its keys begin with.
type secret struct{ key, file, env string }

func (s Sink) secrets() []secret {
	return []secret{{s.secretKey(), s.SecretFile, s.SecretEnv}, {"app_token", s.AppFile, s.AppEnv}}
}

// Secrets tells what is wrong with a sink's secrets, one line each.
func (s Sink) Secrets() (problems []string) {
	for _, secret := range s.secrets() {
		if problem, _ := secret.problem(); problem != "" {
			problems = append(problems, secret.key+problem)
		}
	}
	return problems
}

func (s secret) problem() (problem, way string) {
	switch {
	case s.env != "" && os.Getenv(s.env) == "":
		return fmt.Sprintf("_env: %s is not set in this environment", s.env), "set it where the gateway is started"
	case s.file == "":
		return "", ""
	}
	info, err := os.Stat(s.file)
	if err == nil && !info.Mode().IsRegular() {
		return fmt.Sprintf("_file: %s is not a file", s.file), "name a file"
	}
	if err == nil {
		var f *os.File
		if f, err = os.Open(s.file); err == nil {
			err = f.Close()
		}
	}
	switch {
	case err != nil:
		return fmt.Sprintf("_file: %v", err), "write the secret into it, readable for you alone"
	case info.Size() == 0:
		return fmt.Sprintf("_file: %s is empty", s.file), "write the secret into it, readable for you alone"
	case info.Mode().Perm()&0o077 != 0:
		return fmt.Sprintf("_file: %s can be read by others (mode %04o)", s.file, info.Mode().Perm()), "chmod 600 " + s.file
	}
	return "", ""
}
