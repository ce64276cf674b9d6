package config

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

// Sink is one destination. Which fields count is the type's matter.
type Sink struct {
	Name string
	Type string // one of the Sink constants

	URL     string // of a webhook, or of an ntfy server
	Path    string // of a file; absolute
	Command []string
	Env     []string      // of a command: names of variables that it gets beside the usual ones
	Timeout time.Duration // of a command

	Chat   string // of telegram, slack and ntfy: where messages go that name no chat, channel or topic
	Listen bool   // commands are heard through this bot
	API    string // of the platform, if not its own; "" = its own

	Digest      int               // so many that wait become one message; 0 = never
	Attach      int64             // bytes of the largest file that goes along; 0 = none goes
	AttachTypes []string          // media types of those that do; nil = the usual ones
	Templates   map[string]string // by kind of event, instead of the usual words

	// The secret: what signs a webhook, the token of a bot, or a shoutrrr URL.
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
	SinkNtfy     = "ntfy"
	SinkCommand  = "command"
	SinkShoutrrr = "shoutrrr"
)

const (
	digest        = 5
	maxDigest     = 50
	attach        = 10 << 20
	maxAttach     = 50 << 20 // what Telegram takes
	commandTime   = 30 * time.Second
	longestToTell = 50 * time.Second // less than a delivery may take
)

func (r *reader) notify(n *Notify) read {
	return r.section(map[string]read{
		"link":  r.text(func(u string) error { n.Link = u; return checkURL(u) }),
		"sinks": named(r, &n.Sinks, checkSlug, r.sink),
	})
}

// sinkType is what the section of one type can hold.
type sinkType struct {
	keys    map[string]read
	need    func(*Sink) string // the key that is missing, with an example; "" = none
	usually func(*Sink)        // sets what counts without a key; nil = nothing
}

func (r *reader) sinkTypes(s *Sink) map[string]sinkType {
	secret := func(prefix string, more map[string]read) map[string]read {
		more[prefix+"_file"] = r.text(func(f string) error { s.SecretFile = f; return checkNUL(f) })
		more[prefix+"_env"] = r.text(func(n string) error { s.SecretEnv = n; return checkEnvName(n) })
		return more
	}
	forPeople := func(more map[string]read) map[string]read {
		more["digest"] = r.number(&s.Digest, 0, maxDigest)
		return more
	}
	attaches := func(more map[string]read) map[string]read {
		more["attach"] = r.size(&s.Attach, 0, maxAttach)
		more["attach_types"] = r.list(&s.AttachTypes, "media types, such as [text/plain, image/*]", checkMediaType)
		return forPeople(more)
	}
	return map[string]sinkType{
		SinkWebhook: {
			keys: secret("secret", map[string]read{
				"url": r.private(func(u string) error { s.URL = u; return checkURL(u) }),
			}),
			need: func(s *Sink) string { return missing(s.URL, "url: https://...") },
		},
		SinkFile: {
			keys: map[string]read{"path": r.text(func(p string) error { s.Path = p; return checkFile(p) })},
			need: func(s *Sink) string { return missing(s.Path, "path: the absolute path of a file") },
		},
		SinkTelegram: {
			keys: attaches(secret("token", map[string]read{
				"chat":   r.text(func(c string) error { s.Chat = c; return checkTarget[SinkTelegram](c) }),
				"listen": r.yes(&s.Listen),
				"api":    r.private(func(u string) error { s.API = u; return checkURL(u) }),
			})),
			usually: func(s *Sink) { s.Digest, s.Attach = digest, attach },
			need:    func(s *Sink) string { return missing(s.SecretFile+s.SecretEnv, "token_file: a file that holds it") },
		},
		SinkSlack: {
			keys: attaches(secret("token", map[string]read{
				"channel":        r.text(func(c string) error { s.Chat = c; return checkTarget[SinkSlack](c) }),
				"listen":         r.yes(&s.Listen),
				"api":            r.private(func(u string) error { s.API = u; return checkURL(u) }),
				"app_token_file": r.text(func(f string) error { s.AppFile = f; return checkNUL(f) }),
				"app_token_env":  r.text(func(n string) error { s.AppEnv = n; return checkEnvName(n) }),
			})),
			usually: func(s *Sink) { s.Digest, s.Attach = digest, attach },
			need: func(s *Sink) string {
				if s.Listen && s.SecretFile+s.SecretEnv != "" {
					return missing(s.AppFile+s.AppEnv, "app_token_file: a file that holds the token xapp-..., which listening needs")
				}
				return missing(s.SecretFile+s.SecretEnv, "token_file: a file that holds the token xoxb-...")
			},
		},
		SinkNtfy: {
			keys: forPeople(secret("token", map[string]read{
				"url":   r.private(func(u string) error { s.URL = u; return checkURL(u) }),
				"topic": r.private(func(t string) error { s.Chat = t; return checkTarget[SinkNtfy](t) }),
			})),
			usually: func(s *Sink) { s.Digest, s.URL = digest, "https://ntfy.sh" },
			need:    func(*Sink) string { return "" },
		},
		SinkCommand: {
			keys: map[string]read{
				"command": r.list(&s.Command, "argv as a list, such as [/usr/local/bin/tell, --loud]; there is no shell", first(checkProgram, checkNUL)),
				"env":     r.list(&s.Env, "names of variables that the program gets, such as [MAIL_HOST]", checkEnvName),
				"timeout": r.duration(&s.Timeout, 100*time.Millisecond, longestToTell),
			},
			usually: func(s *Sink) { s.Timeout = commandTime },
			need: func(s *Sink) string {
				return missing(strings.Join(s.Command, ""), "command: [/path/to/program, argument]")
			},
		},
		SinkShoutrrr: {
			keys:    forPeople(secret("url", map[string]read{})),
			usually: func(s *Sink) { s.Digest = digest },
			need: func(s *Sink) string {
				return missing(s.SecretFile+s.SecretEnv, "url_file: a file that holds the URL of the service")
			},
		},
	}
}

// secretKey is what the key of a sink's secret begins with.
func (s Sink) secretKey() string {
	switch s.Type {
	case SinkWebhook:
		return "secret"
	case SinkShoutrrr:
		return "url"
	}
	return "token"
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
		of.keys["templates"] = r.templates(&s.Templates)
		if of.usually != nil {
			of.usually(s)
		}
		r.section(of.keys)(v)
		if len(r.problems) > before {
			return
		}
		if way := of.need(s); way != "" {
			key, _, _ := strings.Cut(way, ":")
			r.refuse(at.key, way, "%s has no %s", at.path, key)
		}
		if s.SecretFile != "" && s.SecretEnv != "" {
			r.refuse(at.key, "keep one of them", "%s has both %s_file and %s_env", at.path, s.secretKey(), s.secretKey())
		}
		if s.AppFile != "" && s.AppEnv != "" {
			r.refuse(at.key, "keep one of them", "%s has both app_token_file and app_token_env", at.path)
		}
		r.listener(at, s)
	}
}

// listener refuses a second sink that listens with a token: a platform hands each
// message to one of them.
func (r *reader) listener(at value, s *Sink) {
	if !s.Listen {
		return
	}
	if r.listens == nil {
		r.listens = map[secret]string{}
	}
	for _, token := range s.secrets() {
		if token.key = ""; token == (secret{}) {
			continue
		}
		if token.file != "" {
			token.file = filepath.Clean(token.file)
		}
		if first, taken := r.listens[token]; taken {
			r.refuse(at.key, "take listen: true from one of them, or give it a bot of its own", "%s listens with the token of %s", at.path, first)
			return
		}
		r.listens[token] = at.path
	}
}

// checkTarget has for each type that knows the form of a place what checks it.
var checkTarget = map[string]func(string) error{
	SinkTelegram: like(`-?[1-9][0-9]{0,18}|@[A-Za-z][A-Za-z0-9_]{3,31}`, "the number of a chat, such as -1001234567890, or the @name of a public one"),
	SinkSlack:    like(`[CDGUW][A-Z0-9]{2,20}|#[^\s#@A-Z]{1,80}`, "the ID of a channel or a user, such as C0123456789, or a #name"),
	SinkNtfy:     like(`[-_A-Za-z0-9]{1,64}`, "1 to 64 letters, digits, - and _"),
}

func like(pattern, want string) func(string) error {
	whole := regexp.MustCompile(`^(?:` + pattern + `)$`)
	return func(s string) error {
		if !whole.MatchString(s) {
			return errors.New(want)
		}
		return nil
	}
}

// CheckTarget tells whether a place within the sink can be one, as far as its form
// shows; "" is the sink's own.
func (s Sink) CheckTarget(target string) error {
	check := checkTarget[s.Type]
	if target == "" || check == nil {
		return nil
	}
	if err := check(target); err != nil {
		return fmt.Errorf("%s is none: %w is wanted", kanban.Quote(target), err)
	}
	return nil
}

// checkProgram keeps out what depends on where a program is started: a sink's
// works in the root.
func checkProgram(s string) error {
	if checkNUL(s) != nil || s == "" || strings.Contains(s, "/") && checkFile(s) != nil {
		return errors.New("the absolute path of a program, or a name to be found on PATH")
	}
	return nil
}

// first checks the first item of a list by one rule, and those that follow by
// another.
func first(item, others func(string) error) func(string) error {
	begun := false
	return func(s string) error {
		if begun {
			return others(s)
		}
		begun = true
		return item(s)
	}
}

var mediaType = regexp.MustCompile(`^[a-z]+/([a-z0-9.+-]+|\*)$`)

func checkMediaType(s string) error {
	if !mediaType.MatchString(s) {
		return errors.New("a media type, such as text/plain or image/*")
	}
	return nil
}

func (s Sink) show() any {
	shown := map[string]any{
		"type":                  s.Type,
		"url":                   hostOf(s.URL),
		s.secretKey() + "_file": s.SecretFile,
		s.secretKey() + "_env":  s.SecretEnv,
		"app_token_file":        s.AppFile,
		"app_token_env":         s.AppEnv,
		"path":                  s.Path,
		"command":               s.Command,
		"env":                   s.Env,
		"listen":                s.Listen,
		"api":                   s.API,
		"attach_types":          s.AttachTypes,
		"templates":             each(s.Templates, func(t string) any { return t }),
		chatKey[s.Type]:         s.Chat,
	}
	if s.Timeout > 0 {
		shown["timeout"] = formatDuration(s.Timeout)
	}
	if s.Type == SinkNtfy && s.Chat != "" {
		shown["topic"] = "hidden" // whoever knows it reads along
	}
	switch s.Type {
	case SinkTelegram, SinkSlack:
		shown["attach"] = formatSize(s.Attach)
		shown["digest"] = s.Digest
	case SinkNtfy, SinkShoutrrr:
		shown["digest"] = s.Digest
	}
	delete(shown, "")
	return without(shown)
}

// chatKey is what a type calls the place where messages go.
var chatKey = map[string]string{SinkTelegram: "chat", SinkSlack: "channel", SinkNtfy: "topic"}
