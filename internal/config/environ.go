package config

import (
	"maps"
	"slices"
	"strings"
)

// inherited are the variables that every worker gets from the gateway's own
// environment; a * stands for any run of characters.
var inherited = []string{
	"HOME", "PATH", "USER", "SHELL", "LANG", "LC_*", "TERM", "TMPDIR", "XDG_*", "*_proxy", "*_PROXY",
}

// Environ returns the environment of lane l's workers as KEY=VALUE, sorted by
// key: of parent what is on the allow-list, what the lane's preset names or what
// stands in its pass_env, then the lane's own env over it. The variables that tell a worker its task are the
// caller's to add.
func Environ(l Lane, parent []string) []string {
	agent, _ := l.Agent()
	env := map[string]string{}
	for _, entry := range parent {
		name, val, ok := strings.Cut(entry, "=")
		if ok && (matches(name, inherited) || matches(name, agent.PassEnv) || slices.Contains(l.PassEnv, name)) {
			env[name] = val
		}
	}
	maps.Copy(env, l.Env)
	list := make([]string, 0, len(env))
	for _, name := range slices.Sorted(maps.Keys(env)) {
		list = append(list, name+"="+env[name])
	}
	return list
}

// Usual returns the environment of a program that is not a worker: of parent what
// is on the allow-list, and the variables that names name.
func Usual(names, parent []string) (list []string) {
	for _, entry := range parent {
		if name, _, ok := strings.Cut(entry, "="); ok && (matches(name, inherited) || slices.Contains(names, name)) {
			list = append(list, entry)
		}
	}
	return list
}

func matches(name string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		prefix, suffix, wild := strings.Cut(pattern, "*")
		if !wild {
			return name == pattern
		}
		return strings.HasPrefix(name, prefix) && strings.HasSuffix(name, suffix)
	})
}

func keysOf[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
