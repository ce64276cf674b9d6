package telegram

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"
)

// Bot is the only bot of the server.
var Bot = User{ID: 7001, Bot: true, First: "Andon", Username: "andon_bot"}

// Token is what the bot's client has to know.
const Token = "7001:AAH-a-token-of-no-real-bot"

const maxFile = 50 << 20 // bytes that a bot may send

// Server is one Telegram. It is an http.Handler, and safe for concurrent use.
type Server struct {
	mu       sync.Mutex
	token    string
	chats    map[int64]*chat
	moved    map[int64]int64 // groups that became supergroups
	commands []Command
	clock    int64 // seconds; each message gets a later one
	faults   []*Fault
	calls    map[string]int // by method
	updates  queue
	presses  map[string]*press
}

// New returns a server without chats.
func New() *Server {
	return &Server{
		token: Token, chats: map[int64]*chat{}, moved: map[int64]int64{}, clock: 1_767_225_600,
		calls: map[string]int{}, presses: map[string]*press{}, updates: newQueue(),
	}
}

// refusal is an answer with ok: false.
type refusal struct {
	code        int
	description string
	parameters  map[string]any
}

func (r *refusal) Error() string { return r.description }

func bad(format string, args ...any) *refusal {
	return &refusal{code: http.StatusBadRequest, description: "Bad Request: " + fmt.Sprintf(format, args...)}
}

// ServeHTTP answers one call of the API.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token, method, found := strings.Cut(strings.TrimPrefix(r.URL.Path, "/bot"), "/")
	p, err := read(r)
	if !found || err != nil {
		answer(w, nil, &refusal{code: http.StatusNotFound, description: "Not Found"})
		return
	}
	method = strings.ToLower(method) // methods are case-insensitive
	if method == "getupdates" {
		s.poll(w, r, token, p)
		return
	}
	f := s.count(method)
	if f != nil && !f.Accepted {
		f.strike(w, r)
		return
	}
	result, refused := s.call(token, method, p)
	if f != nil {
		f.strike(w, r)
		return
	}
	answer(w, result, refused)
}

// count notes a call and takes the fault that is meant for it.
func (s *Server) count(method string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[method]++
	for i, f := range s.faults {
		if f.Method != "" && !strings.EqualFold(f.Method, method) || f.Method == "" && method == "getupdates" {
			continue
		}
		if f.Times--; f.Times <= 0 {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
		}
		return f
	}
	return nil
}

// Calls tells how often a method was called, refused calls included.
func (s *Server) Calls(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[strings.ToLower(method)]
}

func (s *Server) call(token, method string, p params) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if refused := s.authorize(token); refused != nil {
		return nil, refused
	}
	methods := map[string]func(params) (any, *refusal){
		"getme":                  func(params) (any, *refusal) { return Bot, nil },
		"getchat":                s.getChat,
		"sendmessage":            s.sendMessage,
		"senddocument":           s.sendDocument,
		"sendchataction":         s.sendChatAction,
		"editmessagetext":        s.editMessageText,
		"editmessagereplymarkup": s.editMessageReplyMarkup,
		"deletemessage":          s.deleteMessage,
		"answercallbackquery":    s.answerCallbackQuery,
		"createforumtopic":       s.createForumTopic,
		"setmycommands":          s.setMyCommands,
		"getmycommands":          func(params) (any, *refusal) { return append([]Command{}, s.commands...), nil },
		"deletewebhook":          func(params) (any, *refusal) { return true, nil },
	}
	f := methods[method]
	if f == nil {
		return nil, &refusal{code: http.StatusNotFound, description: "Not Found: method not found"}
	}
	return f(p)
}

func (s *Server) authorize(token string) *refusal {
	if token != s.token {
		return &refusal{code: http.StatusUnauthorized, description: "Unauthorized"}
	}
	return nil
}

func answer(w http.ResponseWriter, result any, refused *refusal) {
	w.Header().Set("Content-Type", "application/json")
	body := map[string]any{"ok": true, "result": result}
	if refused != nil {
		w.WriteHeader(refused.code)
		body = map[string]any{"ok": false, "error_code": refused.code, "description": refused.description}
		if refused.parameters != nil {
			body["parameters"] = refused.parameters
		}
	}
	_ = json.NewEncoder(w).Encode(body)
}

// params are the parameters of a call, each as text or JSON, and the file that
// was uploaded with it.
type params struct {
	fields   map[string]string
	file     []byte
	fileName string
}

// read takes parameters from wherever they may stand: the URL, a form, a
// multipart form, or JSON.
func read(r *http.Request) (params, error) {
	p := params{fields: map[string]string{}}
	for key, val := range r.URL.Query() {
		p.fields[key] = val[0]
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err != nil:
		return p, nil //nolint:nilerr // no body, no parameters
	case kind == "application/json":
		return p, p.readJSON(r.Body)
	case kind == "multipart/form-data":
		return p, p.readForm(r)
	}
	if err := r.ParseForm(); err != nil {
		return p, err
	}
	for key, val := range r.PostForm {
		p.fields[key] = val[0]
	}
	return p, nil
}

func (p *params) readJSON(body io.Reader) error {
	var fields map[string]json.RawMessage
	if err := json.NewDecoder(io.LimitReader(body, maxFile)).Decode(&fields); err != nil {
		return err
	}
	for key, raw := range fields {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		p.fields[key] = text
	}
	return nil
}

// readForm allows for a body without parts, which a client without parameters
// sends.
func (p *params) readForm(r *http.Request) error {
	parts, err := r.MultipartReader()
	if err != nil {
		return err
	}
	for {
		part, err := parts.NextPart()
		if err != nil {
			_, err = io.Copy(io.Discard, r.Body) // a broken connection is noticed only behind it
			return err
		}
		raw, err := io.ReadAll(io.LimitReader(part, maxFile+1))
		if err != nil {
			return err
		}
		if part.FileName() != "" {
			p.file, p.fileName = raw, part.FileName()
			continue
		}
		p.fields[part.FormName()] = string(raw)
	}
}

// decode reads a parameter that is JSON; a missing one leaves into as it is.
func (p params) decode(key string, into any) *refusal {
	raw := p.fields[key]
	if raw == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(raw), into); err != nil {
		return bad("can't parse %s: %v", key, err)
	}
	return nil
}
