package config

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"
)

// Sink is one destination. Which fields count is the type's matter.
type Sink struct {
	Name string
	Type string // one of the Sink constants

	URL  string // of a webhook
	Path string // of a file; absolute

	Chat   string // of telegram and slack: where messages go that name no chat
	Listen bool   // commands are heard through this bot
	API    string // of the platform, if not its own; "" = its own

	// The secret: what signs a webhook, or the token of a bot.
	SecretFile string // absolute after Load: relative to the folder of andon.yaml
	SecretEnv  string
	AppFile    string // of slack: the token that listening needs; as SecretFile
	AppEnv     string
}

// The types of sink.
const (
	SinkWebhook  = "webhook"
	SinkFile     = "file"
	SinkTelegram = "telegram"
	SinkSlack    = "slack"
)

// sinkType is what the section of one type can hold.
type sinkType struct {
	keys map[string]read
	need func(*Sink) string // the key that is missing, with an example; "" = none
}

func (r *reader) sinkTypes(s *Sink) map[string]sinkType {
	secret := func(prefix string, more map[string]read) map[string]read {
		more[prefix+"_file"] = r.text(func(f string) error { s.SecretFile = f; return checkNUL(f) })
		more[prefix+"_env"] = r.text(func(n string) error { s.SecretEnv = n; return checkEnvName(n) })
		return more
	}
	return map[string]sinkType{
		SinkWebhook: {
			keys: secret("secret", map[string]read{
				"url": r.private(func(u string) error { s.URL = u; return checkURL(u) }),
			}),
			need: func(s *Sink) string { return missing(s.URL, "url: https://...") },
		},
		SinkFile: {
			keys: map[string]read{"path": r.text(func(p string) error { s.Path = p; return checkPath(p) })},
			need: func(s *Sink) string { return missing(s.Path, "path: an absolute path") },
		},
		SinkTelegram: {
			keys: secret("token", map[string]read{
				"chat":   r.text(func(c string) error { s.Chat = c; return checkChat(c) }),
				"listen": r.yes(&s.Listen),
				"api":    r.text(func(u string) error { s.API = u; return checkURL(u) }),
			}),
			need: func(s *Sink) string { return missing(s.SecretFile+s.SecretEnv, "token_file: a file that holds it") },
		},
		SinkSlack: {
			keys: secret("token", map[string]read{
				"channel":        r.text(func(c string) error { s.Chat = c; return checkChat(c) }),
				"listen":         r.yes(&s.Listen),
				"api":            r.text(func(u string) error { s.API = u; return checkURL(u) }),
				"app_token_file": r.text(func(f string) error { s.AppFile = f; return checkNUL(f) }),
				"app_token_env":  r.text(func(n string) error { s.AppEnv = n; return checkEnvName(n) }),
			}),
			need: func(s *Sink) string {
				if s.Listen && s.SecretFile+s.SecretEnv != "" {
					return missing(s.AppFile+s.AppEnv, "app_token_file: a file that holds the token xapp-..., which listening needs")
				}
				return missing(s.SecretFile+s.SecretEnv, "token_file: a file that holds the token xoxb-...")
			},
		},
	}
}

func missing(value, example string) string {
	if value == "" {
		return example
	}
	return ""
}

func (r *reader) sink(name string, at value, s *Sink) read {
	s.Name = name
	types := r.sinkTypes(s)
	names := slices.Sorted(maps.Keys(types))
	return func(v value) {
		before := len(r.problems)
		for _, entry := range r.entries(v) {
			if entry.key.GetToken().Value == "type" {
				word(r, &s.Type, names...)(entry)
			}
		}
		of, known := types[s.Type]
		if !known {
			if len(r.problems) == before {
				r.refuse(at.key, "type: one of "+strings.Join(names, ", "), "%s has no type", at.path)
			}
			return
		}
		of.keys["type"] = func(value) {}
		r.section(of.keys)(v)
		if len(r.problems) > before {
			return
		}
		if way := of.need(s); way != "" {
			key, _, _ := strings.Cut(way, ":")
			r.refuse(at.key, way, "%s has no %s", at.path, key)
		}
		if s.SecretFile != "" && s.SecretEnv != "" {
			prefix := cmp.Or(map[string]string{SinkWebhook: "secret"}[s.Type], "token")
			r.refuse(at.key, "keep one of them", "%s has both %s_file and %s_env", at.path, prefix, prefix)
		}
		if s.AppFile != "" && s.AppEnv != "" {
			r.refuse(at.key, "keep one of them", "%s has both app_token_file and app_token_env", at.path)
		}
	}
}

func checkChat(s string) error {
	if s == "" || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' }) {
		return errors.New("the id of a chat, or the name of a channel")
	}
	return nil
}

func (s Sink) show() any {
	prefix, chat := "token", "chat"
	switch s.Type {
	case SinkWebhook:
		prefix = "secret"
	case SinkSlack:
		chat = "channel"
	}
	return without(map[string]any{
		"type":           s.Type,
		"url":            hostOf(s.URL),
		prefix + "_file": s.SecretFile,
		prefix + "_env":  s.SecretEnv,
		"app_token_file": s.AppFile,
		"app_token_env":  s.AppEnv,
		"path":           s.Path,
		chat:             s.Chat,
		"listen":         s.Listen,
		"api":            s.API,
	})
}
