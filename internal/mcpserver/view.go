package mcpserver

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

// Sizes of answers, in bytes. Four of them are about a token; common clients
// refuse results of more than 25,000 tokens.
const (
	briefLimit   = 16_000
	fullLimit    = 64_000
	contentLimit = 32_000 // of an artifact that is read
)

// card is a task as an answer shows it.
type card struct {
	ID        string          `json:"id"`
	Title     string          `json:"title"`
	Status    string          `json:"status"`
	Assignee  string          `json:"assignee,omitempty"`
	Priority  int             `json:"priority,omitempty"`
	Tenant    string          `json:"tenant,omitempty"`
	Labels    []string        `json:"labels,omitempty"`
	Reviews   string          `json:"reviews,omitempty"` // the task whose work this one judges
	Body      string          `json:"body,omitempty"`
	Question  string          `json:"question,omitempty"` // why it is blocked
	Gates     []gate          `json:"gates,omitempty"`
	Parents   []string        `json:"parents,omitempty"`
	Children  []child         `json:"children,omitempty"`
	Runs      []run           `json:"runs,omitempty"`
	Comments  []remark        `json:"comments,omitempty"`
	Artifacts []artifact      `json:"artifacts,omitempty"`
	Omitted   json.RawMessage `json:"omitted,omitempty"` // how much of what is left out
}

type gate struct {
	Kind   string     `json:"kind"`
	Reason string     `json:"reason"`
	Until  *time.Time `json:"until,omitempty"`
	Opens  string     `json:"opens,omitempty"` // the command that opens it
}

type child struct {
	ID     string `json:"id"`
	Title  string `json:"title,omitempty"`
	Status string `json:"status,omitempty"`
}

type run struct {
	ID       int64           `json:"id"`
	Lane     string          `json:"lane,omitempty"`
	Outcome  string          `json:"outcome"`
	Summary  string          `json:"summary,omitempty"`
	Metadata json.RawMessage `json:"metadata,omitempty"`
	Error    string          `json:"error,omitempty"`
	Branch   string          `json:"branch,omitempty"`
}

type remark struct {
	Author string    `json:"author"`
	At     time.Time `json:"at"`
	Body   string    `json:"body"`
}

type artifact struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	Type   string `json:"type,omitempty"`
	SHA256 string `json:"sha256"`
	Run    int64  `json:"run"`
}

// measure is how much of each thing an answer holds.
type measure struct {
	text                               int // characters of a text
	runs, comments, artifacts, related int // entries, the newest
}

var (
	briefly = measure{text: 2000, runs: 1, comments: 3, artifacts: 20, related: 50}
	fully   = measure{text: 16_000, runs: 20, comments: 200, artifacts: 100, related: 200}
)

// half is a smaller measure, for an answer that is too long.
func (m measure) half() measure {
	m.text, m.runs, m.comments = max(m.text/2, 100), max(m.runs*3/4, 1), max(m.comments*3/4, 3)
	m.artifacts, m.related = max(m.artifacts*3/4, 5), max(m.related*3/4, 10)
	return m
}

func show(ctx context.Context, s *session, a showArgs) (answer, error) {
	id, err := s.named(a.Task)
	if err != nil {
		return nil, err
	}
	d, err := steady(ctx, func(ctx context.Context) (client.Details, error) { return s.Client.Task(ctx, s.Board, id) })
	if err != nil {
		return nil, err
	}
	children, err := s.children(ctx, d)
	if err != nil {
		return nil, err
	}
	m, limit := briefly, briefLimit
	if a.Detail == "full" {
		m, limit = fully, fullLimit
	}
	text := compact(cardOf(d, children, m))
	for len(text) > limit && m != m.half() {
		m = m.half()
		text = compact(cardOf(d, children, m))
	}
	return answer{text}, nil
}

func cardOf(d client.Details, children []child, m measure) card {
	c := card{
		ID: d.ID, Title: d.Title, Status: d.Status, Assignee: d.Assignee, Priority: d.Priority, Tenant: d.Tenant, Labels: d.Labels, Reviews: d.Reviews,
		Body: cut(d.Body, m.text), Question: cut(d.BlockReason, m.text), Gates: gates(d.Task),
	}
	left := map[string]int{}
	for _, l := range newest(d.Parents, m.related, "parents", left) {
		c.Parents = append(c.Parents, l.Parent)
	}
	c.Children = newest(children, m.related, "children", left)
	for _, r := range newest(d.Runs, m.runs, "runs", left) {
		one := run{ID: r.ID, Lane: r.Lane, Outcome: orElse(r.Outcome, "running"), Summary: cut(r.Summary, m.text), Error: cut(r.Error, m.text), Branch: r.Branch}
		if one.Metadata = r.Metadata; len(r.Metadata) > m.text {
			one.Metadata, left["metadata of run "+fmt.Sprint(r.ID)] = nil, len(r.Metadata)
		}
		c.Runs = append(c.Runs, one)
	}
	for _, r := range newest(d.Comments, m.comments, "comments", left) {
		c.Comments = append(c.Comments, remark{r.Author, r.CreatedAt, cut(r.Body, m.text)})
	}
	for _, a := range newest(d.Artifacts, m.artifacts, "artifacts", left) {
		c.Artifacts = append(c.Artifacts, artifact{a.Path, a.Size, a.Type, a.SHA256, a.Run})
	}
	if len(left) > 0 {
		c.Omitted = json.RawMessage(compact(left))
	}
	return c
}

func gates(t client.Task) []gate {
	var all []gate
	for _, g := range t.Gates {
		all = append(all, gate{g.Kind, cut(g.Reason, 400), g.Until, g.Command})
	}
	return all
}

// newest keeps the last n entries, and notes how many went.
func newest[T any](all []T, n int, what string, left map[string]int) []T {
	if len(all) <= n {
		return all
	}
	left[what] = len(all) - n
	return all[len(all)-n:]
}

// cut keeps the first characters and says how many went.
func cut(s string, limit int) string {
	n := utf8.RuneCountInString(s)
	if n <= limit {
		return s
	}
	return fmt.Sprintf("%s… [%d characters left out]", string([]rune(s)[:limit]), n-limit)
}

// children are the tasks that wait for one, as far as the caller may see them.
func (s *session) children(ctx context.Context, d client.Details) ([]child, error) {
	if len(d.Children) == 0 {
		return nil, nil
	}
	all := make([]child, len(d.Children))
	at := map[string]int{}
	var q client.TaskQuery
	for i, l := range d.Children {
		all[i].ID, at[l.Child] = l.Child, i
		if i < fully.related {
			q.IDs = append(q.IDs, l.Child)
		}
	}
	q.Archived, q.Limit = true, len(q.IDs)
	page, err := steady(ctx, func(ctx context.Context) (client.Page[client.Task], error) { return s.Client.Tasks(ctx, s.Board, q) })
	for _, t := range page.Items {
		all[at[t.ID]] = child{t.ID, cut(t.Title, 120), t.Status}
	}
	return all, err
}

type artifactsArgs struct {
	Task   string `json:"task,omitempty" jsonschema:"id of the task; your own if absent" max:"40"`
	SHA256 string `json:"sha256,omitempty" jsonschema:"of the file to read, as the list gives it; absent: list them" max:"64"`
	Offset int    `json:"offset,omitempty" jsonschema:"read on from this byte" min:"0"`
}

func artifacts(ctx context.Context, s *session, a artifactsArgs) (answer, error) {
	id, err := s.named(a.Task)
	if err != nil {
		return nil, err
	}
	if a.SHA256 != "" {
		return s.content(ctx, id, a)
	}
	d, err := steady(ctx, func(ctx context.Context) (client.Details, error) { return s.Client.Task(ctx, s.Board, id) })
	left := map[string]int{}
	items := []artifact{}
	for _, f := range newest(d.Artifacts, 100, "artifacts", left) {
		items = append(items, artifact{f.Path, f.Size, f.Type, f.SHA256, f.Run})
	}
	return say(map[string]any{"task": id, "items": items, "left_out": left["artifacts"]}, err)
}

// content is a piece of a kept text: its place as JSON, then the text itself.
func (s *session) content(ctx context.Context, id string, a artifactsArgs) (answer, error) {
	f, size, err := s.Client.Artifact(ctx, s.Board, id, a.SHA256)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if _, err := io.CopyN(io.Discard, f, int64(a.Offset)); err != nil {
		return nil, kanban.Errorf(kanban.Invalid, "the file has %d bytes and ends before %d", size, a.Offset).Hint("leave offset out to read from the beginning")
	}
	piece, err := io.ReadAll(io.LimitReader(f, contentLimit))
	if err != nil {
		return nil, err
	}
	for len(piece) > 0 && len(piece) == contentLimit { // not through the middle of a character
		if r, n := utf8.DecodeLastRune(piece); r != utf8.RuneError || n != 1 {
			break
		}
		piece = piece[:len(piece)-1]
	}
	if !utf8.Valid(piece) {
		return nil, kanban.Errorf(kanban.Invalid, "the file is not text").Hint("andon show %s  names it; fetch it with the API", id)
	}
	head := map[string]any{"sha256": a.SHA256, "size": size, "offset": a.Offset}
	if next := a.Offset + len(piece); int64(next) < size {
		head["next_offset"] = next
	}
	return answer{compact(head), string(piece)}, nil
}
