package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

const patience = 20 * time.Second // of a step, on a machine that does much else

// page is a tab of a browser that knows nothing of the others' cookies and
// memories. What its console or network complains of fails the test.
type page struct {
	*testing.T
	ctx  context.Context
	base string

	buttons int64 // of the mouse that are down
	fingers int   // that touch the screen

	mu         sync.Mutex
	complaints []string
	allowed    []*regexp.Regexp
	document   cdp.LoaderID
	loading    map[network.RequestID]bool // by the document; true = a stream, which has no end
}

// link is one that logs a browser in, once; flags are those of andon dashboard.
func (h *home) link(flags ...string) string {
	h.Helper()
	var link struct{ URL string }
	h.ask(&link, append([]string{"dashboard"}, flags...)...)
	return link.URL
}

// browse opens a tab of a desktop in light colours that is logged in, and shows
// nothing yet.
func (h *home) browse(flags ...string) *page {
	h.Helper()
	link := h.link(flags...)
	ask, err := http.NewRequestWithContext(h.Context(), http.MethodGet, link, nil)
	if err != nil {
		h.Fatal(err)
	}
	answer, err := http.DefaultTransport.RoundTrip(ask) // which follows no redirect
	if err != nil {
		h.Fatal(err)
	}
	answer.Body.Close()
	p := h.tab(link)
	for _, c := range answer.Cookies() {
		if _, err := chromedp.Call(p.ctx, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: p.base}); err != nil {
			h.Fatal(err)
		}
	}
	return p
}

// visit opens a link as people do.
func (h *home) visit(link string) *page {
	h.Helper()
	p := h.tab(link)
	p.do(chromedp.Navigate(link))
	return p
}

func (h *home) tab(link string) *page {
	h.Helper()
	base, _, _ := strings.Cut(link, "/login")
	return open(h.T, chromium, base, chromedp.WithNewBrowserContext())
}

// Window opens another window of the same browser, Tab a tab before this one.
func (p *page) Window() *page { p.Helper(); return open(p.T, p.ctx, p.base) }

func (p *page) Tab() *page {
	p.Helper()
	return open(p.T, p.ctx, p.base, chromedp.WithNewWindow(false))
}

func open(t *testing.T, beside context.Context, base string, options ...chromedp.ContextOption) *page {
	t.Helper()
	p := &page{T: t, base: base, loading: map[network.RequestID]bool{}}
	ctx, end := chromedp.NewContext(beside, append(options, chromedp.WithListener(p.hear))...)
	p.ctx = ctx
	t.Cleanup(func() { p.finish(); end() })
	if err := chromedp.Do(ctx); err != nil { // the tab lives as long as the context of its first step
		t.Fatal(err)
	}
	p.Size(1400, 900)
	p.Scheme("light")
	return p
}

// Front makes this the tab of its window that is seen.
func (p *page) Front() {
	p.Helper()
	if _, err := chromedp.Call(p.ctx, cdppage.BringToFront, cdp.Empty{}); err != nil {
		p.Fatal(err)
	}
}

// Hurry makes what the page would do after half a minute be done at once, in what
// is opened from now on.
func (p *page) Hurry() {
	p.Helper()
	p.First(`{ const wait = setTimeout; window.setTimeout = (f, ms, ...with_) => wait(f, ms === 30_000 ? 0 : ms, ...with_) }`)
}

// First runs a script in every document from now on, before its own.
func (p *page) First(js string) {
	p.Helper()
	if _, err := chromedp.Call(p.ctx, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: js}); err != nil {
		p.Fatal(err)
	}
}

// hear notes what a developer would find in red, and what is loaded.
func (p *page) hear(event any) {
	p.count(event)
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			text += " " + x.Description
		}
		p.complain("exception: %s", text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			args, _ := json.Marshal(e.Args)
			p.complain("console: %s", args)
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			p.complain("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	case *network.EventLoadingFailed:
		if !e.Canceled {
			p.complain("request failed: %s", e.ErrorText)
		}
	case *network.EventResponseReceived:
		if e.Response.Status >= 400 {
			p.complain("%d from %s", e.Response.Status, e.Response.URL)
		}
	}
}

// count keeps book of requests that are under way; a stream is, until it answers.
func (p *page) count(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if e.Type == network.ResourceTypeDocument {
			p.document = e.LoaderID
			clear(p.loading)
		}
		if e.LoaderID == p.document { // else the one's before, or a worker's: their end is not told here
			p.loading[e.RequestID] = e.Request.Headers["Accept"] == "text/event-stream"
		}
	case *network.EventResponseReceived:
		if p.loading[e.RequestID] {
			delete(p.loading, e.RequestID)
		}
	case *network.EventLoadingFinished:
		delete(p.loading, e.RequestID)
	case *network.EventLoadingFailed:
		delete(p.loading, e.RequestID)
	}
}

func (p *page) loads() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.loading)
}

func (p *page) complain(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.complaints = append(p.complaints, fmt.Sprintf(format, args...))
}

// Allow expects complaints, that a test brings about.
func (p *page) Allow(patterns ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range patterns {
		p.allowed = append(p.allowed, regexp.MustCompile(one))
	}
}

func (p *page) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
complaints:
	for _, c := range p.complaints {
		for _, a := range p.allowed {
			if a.MatchString(c) {
				continue complaints
			}
		}
		p.Errorf("the browser complains: %s", c)
	}
	if p.Failed() {
		p.keepPicture()
	}
}

// keepPicture leaves what was to be seen in the artifacts of a failed test, for
// go test -artifacts.
func (p *page) keepPicture() {
	ctx, cancel := context.WithTimeout(p.ctx, patience) // a tab that nobody sees may never be drawn
	defer cancel()
	if picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot()); err == nil {
		path := filepath.Join(p.ArtifactDir(), "page.png")
		if os.WriteFile(path, picture, 0o600) == nil {
			p.Logf("what was to be seen: %s", path)
		}
	}
}

// Open goes to a path of the dashboard, and waits for its view.
func (p *page) Open(path string) { p.Helper(); p.Goto(path); p.Settled() }

// Goto goes to a path, whatever is there.
func (p *page) Goto(path string) { p.Helper(); p.do(chromedp.Navigate(p.base + path)) }

// Reload loads the page anew.
func (p *page) Reload() { p.Helper(); p.Open(p.Path()) }

// Settled waits until a view is drawn.
func (p *page) Settled() {
	p.Helper()
	p.Until(settled)
}

const settled = `document.querySelector('main :not([role=status])') && !document.querySelector('[aria-busy=true]:not([hidden])')`

// Path is what the address bar says, behind the host.
func (p *page) Path() string {
	p.Helper()
	return eval[string](p, `location.pathname + location.search`)
}

// Size makes the window so many pixels wide and high.
func (p *page) Size(width, height int64) { p.Helper(); p.do(chromedp.EmulateViewport(width, height)) }

// Phone makes the window that of a phone, with fingers instead of a mouse.
func (p *page) Phone() {
	p.Helper()
	p.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch))
}

// Scheme is what the system likes: light or dark.
func (p *page) Scheme(scheme string) {
	p.Helper()
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
	})
	if err != nil {
		p.Fatal(err)
	}
}

func (p *page) do(steps ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.Fatal(err)
	}
}

// eval is the value of an expression in the page; promises are waited for.
func eval[T any](p *page, js string) T {
	p.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		p.Fatalf("%s: %v", js, err)
	}
	return v
}

// Eventually waits for a text that can be seen.
func (p *page) Eventually(text string) {
	p.Helper()
	p.Until(`document.body?.innerText.includes(` + quote(text) + `)`)
}

// Until waits for an expression to be true.
func (p *page) Until(js string) {
	p.Helper()
	p.until(js, func(ctx context.Context) error {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`!!(`+js+`)`, chromedp.EvalAwaitPromise))
		if err == nil && !ok {
			err = errors.New("it is not so")
		}
		return err
	})
}

// until asks again after each change of the page, until all is well.
func (p *page) until(what string, ask func(context.Context) error) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	for {
		err := ask(ctx)
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			p.Fatalf("%s: %v\nto be seen:\n%s", what, err, p.text())
		}
		_ = chromedp.Do(ctx, nextChange)
	}
}

// nextChange waits for the page to change; what changes without a trace in the
// document, as sizes do, is looked at four times a second.
var nextChange = chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
	_, err := chromedp.Evaluate[bool](`new Promise(changed => {
		const done = () => { observer.disconnect(); clearTimeout(timer); changed(true) }
		const observer = new MutationObserver(done)
		const timer = setTimeout(done, 250)
		observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
	})`, chromedp.EvalAwaitPromise)(ctx, t)
	return err
})

func (p *page) text() string {
	ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.pathname + '\n' + document.body.innerText`))
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(text)
}

// BesideIt opens a link in another tab of the same browser, and comes back.
func (p *page) BesideIt(link string) {
	p.Helper()
	ctx, end := chromedp.NewContext(p.ctx)
	defer end()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := chromedp.Do(ctx, chromedp.Navigate(link))
	if err == nil { // who closes it has seen it
		_, err = chromedp.Run(ctx, chromedp.Evaluate[bool](`new Promise(done => {
			const look = setInterval(() => { if (`+settled+`) { clearInterval(look); done(true) } }, 50)
		})`, chromedp.EvalAwaitPromise))
	}
	if err != nil {
		p.Fatal(err)
	}
}

// Bear shows a token with every request, as a proxy would; "" ends that.
func (p *page) Bear(secret string) {
	p.Helper()
	headers := network.Headers{}
	if secret != "" {
		headers["Authorization"] = "Bearer " + secret
	}
	if _, err := chromedp.Call(p.ctx, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: headers}); err != nil {
		p.Fatal(err)
	}
}

// Forget drops the browser's cookies.
func (p *page) Forget() {
	p.Helper()
	if _, err := chromedp.Call(p.ctx, network.ClearBrowserCookies, struct{}{}); err != nil {
		p.Fatal(err)
	}
}

// pathOf is a link without its host.
func pathOf(link string) string {
	_, path, _ := strings.Cut(strings.TrimPrefix(link, "http://"), "/")
	return "/" + path
}
