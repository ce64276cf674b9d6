package slack

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// What the app's client has to know.
const (
	BotToken = "xoxb-of-no-real-bot"
	AppToken = "xapp-of-no-real-app"
	AppID    = "A0ANDON"
	TeamID   = "T0TEAM"
	BotID    = "U0ANDON" // the user that the bot is
)

const maxBody = 64 << 20 // bytes of a request

// Server is one Slack workspace with one app. It is an http.Handler, and safe
// for concurrent use. The Web API stands below /api/.
type Server struct {
	mu       sync.Mutex
	bot, app string // tokens
	channels map[string]*channel
	users    map[string]User
	clock    int64 // of the last message, in microseconds
	faults   []*Fault
	calls    map[string]int
	uploads  map[string]*File
	views    []View
	said     []Said // to response URLs
	host     string // under which it was reached last
	socket   socket
}

// New returns a workspace without channels.
func New() *Server {
	return &Server{
		bot: BotToken, app: AppToken, channels: map[string]*channel{}, clock: 1_767_225_600_000_000,
		users:   map[string]User{BotID: {ID: BotID, Name: "andon", Bot: true}},
		calls:   map[string]int{},
		uploads: map[string]*File{},
	}
}

// refusal is the error of an answer with ok: false.
type refusal string

func (r refusal) Error() string { return string(r) }

// result is what a method answers beside ok: true.
type result map[string]any

// ServeHTTP answers the Web API, uploads, response URLs and the socket.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/link/") {
		s.connect(w, r)
		return
	}
	c, err := read(r)
	if err != nil {
		answer(w, nil, refusal("invalid_form_data"))
		return
	}
	name, api := strings.CutPrefix(r.URL.Path, "/api/")
	if !api {
		name, _, _ = strings.Cut(r.URL.Path[1:], "/") // upload or response
	}
	f := s.count(name)
	if f != nil && !f.Accepted {
		f.strike(w, r)
		return
	}
	body, refused := s.call(api, name, c)
	switch {
	case f != nil:
		f.strike(w, r)
	case api:
		answer(w, body, refused)
	case refused != nil:
		http.Error(w, refused.Error(), http.StatusNotFound)
	default:
		_, _ = io.WriteString(w, "ok")
	}
}

func (s *Server) call(api bool, name string, c call) (result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.host = c.host
	switch {
	case !api && name == "upload":
		return nil, s.upload(c)
	case !api && name == "response":
		return nil, s.respond(c)
	case !api:
		return nil, refusal("not found")
	case name == "apps.connections.open":
		return s.open(c)
	case c.token == "":
		return nil, refusal("not_authed")
	case c.token != s.bot:
		return nil, refusal("invalid_auth")
	}
	methods := map[string]func(call) (result, error){
		"auth.test":                    s.authTest,
		"chat.postMessage":             s.postMessage,
		"chat.postEphemeral":           s.postEphemeral,
		"chat.update":                  s.update,
		"chat.delete":                  s.delete,
		"conversations.open":           s.openConversation,
		"conversations.info":           s.conversation,
		"users.info":                   s.user,
		"views.open":                   s.openView,
		"files.getUploadURLExternal":   s.uploadURL,
		"files.completeUploadExternal": s.completeUpload,
	}
	f := methods[name]
	if f == nil {
		return nil, refusal("unknown_method")
	}
	return f(c)
}

func (s *Server) authTest(c call) (result, error) {
	return result{
		"url": "http://" + c.host + "/", "team": "Andon", "user": "andon", "team_id": TeamID, "user_id": BotID, "bot_id": "B0ANDON",
	}, nil
}

func answer(w http.ResponseWriter, body result, err error) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if body == nil {
		body = result{}
	}
	body["ok"] = err == nil
	if err != nil {
		var code refusal
		errors.As(err, &code)
		body["error"] = string(code)
		if err != error(code) {
			body["response_metadata"] = map[string]any{"messages": []string{"[ERROR] " + err.Error()}}
		}
	}
	_ = json.NewEncoder(w).Encode(body)
}

// call is a request: its token, and its parameters as text or JSON.
type call struct {
	token, host, path string
	fields            map[string]string
	file              []byte
}

// read takes parameters from a form, a multipart form or JSON, and the token
// from the header or the form.
func read(r *http.Request) (call, error) {
	c := call{host: r.Host, path: r.URL.Path, fields: map[string]string{}}
	r.Body = http.MaxBytesReader(nil, r.Body, maxBody)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var err error
	switch kind {
	case "application/json":
		err = c.readJSON(r.Body)
	case "multipart/form-data":
		err = c.readForm(r)
	default:
		err = r.ParseForm()
		for key, val := range r.Form {
			c.fields[key] = val[0]
		}
	}
	c.token = c.fields["token"]
	if bearer, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); found {
		c.token = bearer
	}
	return c, err
}

func (c *call) readJSON(body io.Reader) error {
	var fields map[string]json.RawMessage
	err := json.NewDecoder(body).Decode(&fields)
	if errors.Is(err, io.EOF) {
		return nil
	}
	for key, raw := range fields {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		c.fields[key] = text
	}
	return err
}

func (c *call) readForm(r *http.Request) error {
	parts, err := r.MultipartReader()
	if err != nil {
		return err
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		raw, err := io.ReadAll(part)
		if err != nil {
			return err
		}
		if part.FileName() != "" {
			c.file = raw
			continue
		}
		c.fields[part.FormName()] = string(raw)
	}
}

// decode reads a parameter that is JSON; a missing one leaves into as it is.
func (c call) decode(key string, into any, refused string) error {
	raw := c.fields[key]
	if raw == "" {
		return nil
	}
	if json.Unmarshal([]byte(raw), into) != nil {
		return refusal(refused)
	}
	return nil
}

// stamp makes the next timestamp, which is what names a message in its channel.
func (s *Server) stamp() string {
	s.clock += 1_000_100
	return fmt.Sprintf("%d.%06d", s.clock/1_000_000, s.clock%1_000_000)
}

// next makes a name that is used once.
func (s *Server) next() string {
	s.stamp()
	return strconv.FormatInt(s.clock, 36)
}
