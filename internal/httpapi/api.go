package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/access"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/guests"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Options are what the handlers need. What may be nil says so; everything else
// is required.
type Options struct {
	Boards *board.Boards
	// Identify tells who asks by where the request comes from: a run, or the home's
	// owner; the zero actor has to show a credential. Its errors are the answer.
	Identify func(*http.Request) (kanban.Actor, error)
	Control  Control        // nil without a gateway
	Access   *access.Keeper // who is known by a token or a session; nil = nobody is
	Guests   *guests.Book   // nil = there are no chats
	Chats    Chats          // required beside Guests
	Pages    http.Handler   // the dashboard; nil = there is none
	Metrics  http.Handler   // of /metrics; nil = there is none

	Config Config
	Lanes  func() []client.Lane // the configured lanes, without counts

	Accounts func() []client.Account // the configured accounts with their lanes, without counts

	// TestLanes looks whether workers could start; nil without a gateway.
	TestLanes func(ctx context.Context, names []string, source string) ([]client.LaneTest, error)

	OpenLog func(ctx context.Context, board string, run kanban.Run) (LogReader, error)
	// LastLine is the last line of a live run's output that says something, and
	// when it was written; nil = not told.
	LastLine func(board string, run int64) (line string, at time.Time)
	// OpenArtifact opens a kept file by its content's hash.
	OpenArtifact func(sha256 string) (file io.ReadSeekCloser, size int64, err error)

	// Reserve keeps everybody else from claiming, without a gateway, and refuses if
	// a cap of the home, the lane or its account is reached. The claim follows,
	// then done. nil with a gateway.
	Reserve func(ctx context.Context, lane string) (done func(), err error)

	// Place says where a run that somebody claims by hand is to work, and
	// Prepare makes that place, or finds what an earlier attempt left there.
	Place   func(board string) func(kanban.Task) (path, branch string)
	Prepare func(ctx context.Context, board string, c board.Claimed) error

	// Checkup looks for what is wrong with the home, for a program of a version;
	// Repair does a safe repair.
	Checkup func(ctx context.Context, version string) (client.Checkup, error)
	Repair  func(ctx context.Context, name string, dryRun bool) (client.Repair, error)

	GC func(ctx context.Context, b *board.Board, dryRun bool) (client.GCReport, error)

	// TestSink sends a message that says only that it is one, and returns the
	// destination's name for it, "" if it has none.
	TestSink func(ctx context.Context, board string, to store.Destination) (ref string, err error)

	// KeepArtifact keeps a file whose content has this hash.
	KeepArtifact func(ctx context.Context, sha256 string, content io.Reader) error
	Aside        string // folder for what is received before it is looked at; "" = the system's

	MCP http.Handler // of /mcp, asked with CallerOf; nil = there is none

	Backups Backups // nil if the boards are no files

	Home, Version string
	Clock         func() time.Time // nil = time.Now
	Log           *slog.Logger     // nil = none; for unexpected failures only
}

// Config is andon.yaml, as far as it is shown and changed over the API.
type Config interface {
	// Shown is what is in force, redacted.
	Shown() any
	// Settings are what Set changes, and which version is in force.
	Settings(ctx context.Context) (client.Settings, error)
	// Set changes the file and puts it in force. version is the one that the caller
	// saw, or "" for any.
	Set(ctx context.Context, by kanban.Actor, version string, values map[string]string) error
}

// Control is the gateway, as far as it can be asked and told over the API.
type Control interface {
	Status(ctx context.Context) client.Gateway
	// Plan tells what would be started now; board "" is all.
	Plan(ctx context.Context, board string) (client.Plan, error)
	// Nudge makes the dispatcher look again.
	Nudge()
	// StopRuns ends the running work of a scope without cost, and returns how
	// many runs that were.
	StopRuns(ctx context.Context, scope string) (int, error)
	// Claim gives a task to a worker that Andon does not start, below all caps.
	Claim(ctx context.Context, b *board.Board, q Ask) (Given, error)
	// Exited takes how the worker of such a claim ended; it returns when that is
	// on record.
	Exited(ctx context.Context, b *board.Board, l kanban.Lease, e client.Exit) error
	// Listen makes sure that there is a way in for browsers, and returns its URL.
	Listen(ctx context.Context) (url string, err error)
	// Reload reads the configuration again; one that is wrong changes nothing.
	Reload() error
	// Stop makes the gateway end soon after it returns; with drain, once its
	// runs have ended.
	Stop(drain bool)
}

// Ask is a request for a task: one, or the next of a lane.
type Ask struct {
	By         kanban.Actor
	Task, Lane string
	TTL, Wait  time.Duration // 0 = as configured; not at all
	Tended     bool
}

// Given answers an Ask.
type Given struct {
	board.Claimed
	Order *client.Order // of a tended one
}

// server is what the handlers share.
type server struct {
	o          Options
	mux        *http.ServeMux
	operations []func(huma.API)
	routes     []routed
	floods     floods
	guesses    guesses // of tokens and sessions
	links      guesses
	tails      tails
}

// routed is one operation, and whether its path names a board.
type routed struct {
	id      string
	ofBoard bool
}

// New returns the API as one handler.
func New(o Options) http.Handler {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &server{o: o, mux: http.NewServeMux(), floods: floods{now: o.Clock, runs: map[floodKey]*flow{}}}
	s.guesses, s.links = guesses{now: o.Clock, from: map[string]*flow{}}, guesses{now: o.Clock, from: map[string]*flow{}}
	s.tails = tails{s: s, all: map[*board.Board]*tail{}}
	s.boardRoutes()
	s.taskRoutes()
	s.cardRoutes()
	s.streamRoutes()
	s.bulkRoutes()
	s.actionRoutes()
	s.planRoutes()
	s.runRoutes()
	s.eventRoutes()
	s.notifyRoutes()
	s.gatewayRoutes()
	s.diagnosticRoutes()
	s.backupRoutes()
	s.homeRoutes()
	s.configRoutes()
	s.inboxRoutes()
	s.careRoutes()
	s.doctorRoutes()
	s.reportRoutes()
	s.accessRoutes()
	s.chatRoutes()
	s.plain("/readyz", "ready", s.ready)
	if o.Metrics != nil {
		s.plain("/metrics", "metrics", o.Metrics.ServeHTTP)
	}
	s.mux.HandleFunc("GET "+root+"/openapi.json", s.openAPI())
	if o.MCP != nil {
		s.mux.Handle("/mcp", s.alike(o.MCP))
	}
	s.mux.HandleFunc("/", s.unknownRoute)

	outer := http.NewServeMux()
	outer.Handle("/", s.identified(s.mux))
	outer.HandleFunc("GET /healthz", s.health)
	if o.Access != nil {
		outer.HandleFunc("GET /login", s.login)
	}
	return s.recovered(s.asNamed(outer))
}

// asNamed keeps routers from sending a caller whose path has an empty segment, .
// or .. to what is left without it: that is another route.
func (s *server) asNamed(next http.Handler) http.Handler {
	nowhere := s.identified(http.HandlerFunc(s.unknownRoute))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked := r.URL.EscapedPath()
		if clean := path.Clean(asked); clean != asked && clean+"/" != asked {
			nowhere.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func config() huma.Config {
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Andon", Version: "1",
				Description: "A durable task board and dispatcher for fleets of agents. Boards are named by any spelling of their slug, tasks by their id " +
					"or a unique start of it. A refusal is problem+json with a code and a hint.",
			},
			Components: &huma.Components{Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)},
		},
		Formats:                      map[string]huma.Format{"application/json": textual, "json": textual},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	}
}

// textual is JSON that is text: nothing of what is read is replaced in silence.
var textual = huma.Format{
	Marshal: huma.DefaultJSONFormat.Marshal,
	Unmarshal: func(data []byte, v any) error {
		if !kanban.IsText(data) {
			return errors.New("it is not valid UTF-8 text, or escapes half of a character")
		}
		return json.Unmarshal(data, v)
	},
}

// maxRequest bounds a request's body, in bytes.
const maxRequest = 1 << 20

// root is what all paths of this generation begin with.
var root = "/api/" + client.API

// route adds one operation below root. Its schemas are made when it is first
// asked for, in a registry of its own: a command without a gateway builds the
// whole API to ask for one thing.
func route[I, O any](s *server, method, path, id, summary string, do func(context.Context, *I) (*O, error)) {
	op := huma.Operation{
		Method: method, Path: root + path, OperationID: id, Summary: summary, MaxBodyBytes: maxRequest,
		// A deadline for reading would stay on the connection and end the
		// context of a handler that works longer.
		BodyReadTimeout: -1,
	}
	ofTask := strings.HasPrefix(path, taskPath)
	switch {
	case method == http.MethodGet:
	case path == configPath:
		op.Parameters = changeHeaders[:1:1]
	case ofTask:
		op.Parameters = append(changeHeaders[:len(changeHeaders):len(changeHeaders)], versionHeader)
	default:
		op.Parameters = changeHeaders
	}
	register := func(api huma.API) {
		huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
			out, err := do(ctx, in)
			if err != nil {
				return nil, s.refusal(ctx, err)
			}
			return out, nil
		})
	}
	s.operations, s.routes = append(s.operations, register), append(s.routes, routed{id, strings.HasPrefix(path, boardPath)})
	handler := sync.OnceValue(func() http.Handler {
		mux := http.NewServeMux()
		register(humago.New(mux, config()))
		return mux
	})
	s.mux.HandleFunc(method+" "+op.Path, func(w http.ResponseWriter, r *http.Request) {
		err := mayAsk(r.Context(), id)
		if err == nil {
			err = s.within(r.Context(), id, r)
		}
		ctx := r.Context()
		if err == nil && method != http.MethodGet && path != configPath {
			ctx, err = asRead(r, ofTask)
		}
		if err == nil && method != http.MethodGet && strings.HasPrefix(path, boardPath) {
			ctx, err = once(ctx, r, id)
		}
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		handler().ServeHTTP(w, r.WithContext(ctx))
	})
}

// changeHeaders are read by identified.
var changeHeaders = []*huma.Param{
	{
		Name: headerOperation, In: "header", Description: "an id for this change; the same change under the same id is done once and answered alike, for 24 h",
		Schema: &huma.Schema{Type: huma.TypeString},
	},
	{
		Name: headerAs, In: "header", Description: "who acts, recorded as NAME by USER; ignored inside a run",
		Schema: &huma.Schema{Type: huma.TypeString},
	},
}

var versionHeader = &huma.Param{
	Name: headerVersion, In: "header", Description: "the ETag of the task that the caller saw; conflict if the task has changed since",
	Schema: &huma.Schema{Type: huma.TypeString},
}

// asRead binds a change of a task to the version in which the caller saw it.
func asRead(r *http.Request, ofTask bool) (context.Context, error) {
	seen := r.Header.Get(headerVersion)
	if seen == "" || seen == "*" {
		return r.Context(), nil
	}
	n, err := strconv.ParseInt(strings.Trim(seen, `"`), 10, 64)
	switch {
	case !ofTask:
		return nil, kanban.Errorf(kanban.Invalid, "only tasks and the configuration have versions, and this changes neither").Hint("leave %s out", headerVersion)
	case err != nil || n <= 0:
		return nil, kanban.Errorf(kanban.Invalid, "%s: %s is not a version", headerVersion, kanban.Quote(seen)).Hint("send the ETag of the task as it was read")
	}
	return board.WithVersion(r.Context(), n), nil
}

// message is a request or an answer that is one JSON document.
type message[T any] struct{ Body T }

// nothing is an answer or a request without a body.
type nothing struct{}

func answer[T any](v T, err error) (*message[T], error) {
	if err != nil {
		return nil, err
	}
	return &message[T]{v}, nil
}

// whole is a list that comes in one page.
func whole[T any](all []T, err error) (*message[client.Page[T]], error) {
	return answer(client.Page[T]{Items: list(all)}, err)
}

func done(err error) (*nothing, error) {
	if err != nil {
		return nil, err
	}
	return &nothing{}, nil
}

// list is never null in JSON.
func list[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}
