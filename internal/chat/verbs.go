package chat

import (
	"maps"
	"slices"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
)

// verb says how a command can be used in a chat. What a guest's role allows is
// not said here: the API knows it.
type verb struct {
	flags string            // that can be given, beside everywhere's
	admin string            // flags for admins: they name places of the gateway's machine or of others, or commands that run there
	here  bool              // is about this place, unless another is named
	asks  bool              // asked first: it cannot be taken back, or stops what runs
	tasks bool              // all its words are tasks
	force map[string]string // flags that are always set
}

// everywhere are the flags that every verb can be given.
var everywhere = strings.Fields("board output json quiet no-headers utc help")

// verbs are all that chats can do. What is not here reads or writes files of the
// gateway's machine, never ends, or belongs to a terminal.
var verbs = map[string]verb{
	"add": {
		flags: "body budget budget-tokens idempotency-key initial-status label lane max-attempts max-rounds max-runtime model on-retry parent " +
			"priority reviewer session skill tenant triage until",
		admin: "branch created-by no-verify repo tell tell-target tell-thread verify workspace",
	},
	"list":         {flags: "all archived cursor label lane limit mine session sort status tenant"},
	"show":         {},
	"why":          {},
	"inbox":        {},
	"runs":         {flags: "outcome"},
	"logs":         {flags: "attempt follow tail", force: map[string]string{"follow": "false"}},
	"diff":         {flags: "attempt stat"},
	"events":       {flags: "after follow kinds lane limit tenant", force: map[string]string{"follow": "false"}},
	"edit":         {flags: "body if-version label lane-verify max-attempts max-rounds max-runtime model on-retry priority result reviewer skill summary tenant title", admin: "branch no-verify repo verify workspace"},
	"comment":      {},
	"assign":       {flags: "lane-review lane-verify reason reclaim"},
	"reassign":     {flags: "lane-review lane-verify reason reclaim"},
	"link":         {flags: "when"},
	"unlink":       {},
	"answer":       {},
	"approve":      {flags: "comment revision"},
	"reject":       {},
	"archive":      {asks: true, tasks: true},
	"unarchive":    {},
	"cancel":       {flags: "reason", asks: true, tasks: true},
	"reopen":       {flags: "reason"},
	"reclaim":      {flags: "reason"},
	"retry":        {flags: "continue fresh reason"},
	"stop":         {flags: "reason", asks: true, tasks: true},
	"unblock":      {flags: "comment"},
	"block":        {flags: "ids kind"},
	"complete":     {flags: "result summary"},
	"start":        {flags: "dry-run force ids reason"},
	"defer":        {flags: "ids reason until"},
	"delete":       {flags: "stop", asks: true, tasks: true, force: map[string]string{"yes": "true"}},
	"specify":      {flags: "yes", force: map[string]string{"no-wait": "true"}},
	"decompose":    {flags: "yes", force: map[string]string{"no-wait": "true"}},
	"plan":         {},
	"plan show":    {},
	"plan reject":  {},
	"plan approve": {},
	"budget":       {},
	"budget raise": {flags: "tokens"},

	"lanes":          {},
	"lanes list":     {},
	"accounts":       {},
	"assignees":      {},
	"stats":          {},
	"report":         {flags: "by since until"},
	"diagnostics":    {flags: "severity task"},
	"dispatch":       {flags: "dry-run"},
	"pull":           {flags: "account all lane reason repo stop", asks: true},
	"resume":         {flags: "account all lane repo"},
	"gateway status": {},
	"version":        {},
	"help":           {}, // with the name of a verb

	"notify":             {},
	"notify list":        {},
	"notify subscribe":   {flags: "alone creator kinds label lane tenant", admin: "sink target thread", here: true},
	"notify unsubscribe": {admin: "sink target thread", here: true},
	"notify mute":        {flags: "for", admin: "sink target thread", here: true},
	"notify unmute":      {admin: "sink target thread", here: true},
	"notify parked":      {flags: "limit state"},
	"notify retry":       {flags: "all"},

	"boards":         {},
	"boards list":    {flags: "all"},
	"boards show":    {},
	"boards create":  {flags: "name"},
	"boards rename":  {},
	"boards archive": {asks: true},
	"boards restore": {},
}

// snapshots are asked for what never ends; a chat is told how things stand, and
// offered to be told of what comes.
var (
	snapshots = map[string]string{"watch": "events", "tail": "events", "wait": "show"}
	alone     = strings.Fields("any help h json quiet q utc no-headers") // their flags that take no value
	filters   = strings.Fields("kinds lane tenant")                      // that subscriptions have, too
	narrowing = append(strings.Fields("board assignee"), filters...)     // their flags that stay
)

// permit refuses what chats cannot do, and sets what has to be. It reports
// whether to ask first.
//
// Errors: unauthorized.
func permit(p Parsed, role kanban.Scope) (asks bool, err error) {
	v, known := verbs[p.Verb]
	if !known {
		return false, kanban.Errorf(kanban.Unauthorized, "chats cannot do  %s", p.Verb).Hint("a terminal can, or see  /andon help")
	}
	for _, flag := range slices.Sorted(maps.Keys(p.Flags)) {
		switch {
		case slices.Contains(everywhere, flag), slices.Contains(strings.Fields(v.flags), flag):
		case slices.Contains(strings.Fields(v.admin), flag):
			if role < kanban.ScopeAdmin {
				return false, kanban.Errorf(kanban.Unauthorized, "--%s names something beyond this chat, which is for admins", flag).
					Hint("leave it out, or ask for the role: andon chat role NAME admin")
			}
		default:
			return false, kanban.Errorf(kanban.Unauthorized, "chats cannot give --%s to %s", flag, p.Verb).Hint("a terminal can")
		}
	}
	for flag, value := range v.force {
		if err := p.Set(flag, value); err != nil {
			return false, err
		}
	}
	return v.asks, nil
}

// verbAt is where a line's verb stands, or -1.
func verbAt(args []string) int {
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "--board":
			i++
		case !strings.HasPrefix(args[i], "-"):
			return i
		}
	}
	return -1
}

// uncapitalized takes back what phones make of a line's first letter, and of a verb's
// second word.
func uncapitalized(args []string) {
	at := verbAt(args)
	if at < 0 {
		return
	}
	args[at] = strings.ToLower(args[at])
	if at+1 == len(args) {
		return
	}
	second := strings.ToLower(args[at+1])
	if _, known := verbs[args[at]+" "+second]; known || args[at] == "help" {
		args[at+1] = second
	}
}

// snapshot replaces a verb that never ends. Its own flags go with it, but what says
// which events are meant.
func snapshot(args []string) (instead []string, endless bool) {
	at := verbAt(args)
	if at < 0 {
		return args, false
	}
	verb, endless := snapshots[args[at]]
	if !endless {
		return args, false
	}
	instead = append(slices.Clone(args[:at]), verb)
	for i := at + 1; i < len(args); i++ {
		flag, _, assigned := strings.Cut(strings.TrimLeft(args[i], "-"), "=")
		switch stays := slices.Contains(narrowing, flag); {
		case args[i] == "--":
			return append(instead, args[i:]...), true
		case !strings.HasPrefix(args[i], "-"), stays && assigned:
			instead = append(instead, args[i])
		case stays:
			instead = append(instead, args[i:min(i+2, len(args))]...)
			i++
		case !assigned && !slices.Contains(alone, flag):
			i++ // its value
		}
	}
	return instead, true
}
