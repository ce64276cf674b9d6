package webui

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestBuildIsOfTheSources needs no Node: the build says which sources it is of.
func TestBuildIsOfTheSources(t *testing.T) {
	const ui = "../../ui"
	roots := []string{"src", "public", "index.html", "package.json", "package-lock.json", "vite.config.js", "svelte.config.js", "tsconfig.json", "seal.js"}
	var lines []string
	for _, root := range roots {
		err := filepath.WalkDir(filepath.Join(ui, root), func(path string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			name := filepath.ToSlash(strings.TrimPrefix(path, filepath.FromSlash(ui)+string(filepath.Separator)))
			if name != "src/lib/schema.ts" { // types only
				lines = append(lines, fmt.Sprintf("%x  %s\n", sha256.Sum256(text), name))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	const hash = sha256.Size * 2
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(a[hash:len(a)-1], b[hash:len(b)-1]) })
	want := fmt.Sprintf("%x\n", sha256.Sum256([]byte(strings.Join(lines, ""))))
	got, err := built.ReadFile("dist/source.sha256")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("dist is of other sources (%.12s) than those in ui/ (%.12s); make ui", got, want)
	}
}

// TestFirstLoad is small: the page, all that it names, and the board.
func TestFirstLoad(t *testing.T) {
	const most = 120 << 10
	p := Handler().(pages)
	sizes := map[string]int{"index.html": 0}
	for _, m := range regexp.MustCompile(`(?:src|href)="/([^"]+)"`).FindAllSubmatch(p["index.html"].body, -1) {
		sizes[string(m[1])] = 0
	}
	board := regexp.MustCompile(`^assets/Board-.*\.(js|css)$`)
	for name := range p {
		if board.MatchString(name) {
			sizes[name] = 0
		}
	}
	sum := 0
	for name := range sizes {
		f, known := p[name]
		if !known {
			t.Fatalf("there is no %s", name)
		}
		sizes[name] = len(f.body)
		if f.zipped != nil {
			sizes[name] = len(f.zipped)
		}
		sum += sizes[name]
	}
	t.Log(sum, sizes)
	if len(sizes) < 5 || sum > most {
		t.Errorf("the first load is %d bytes gzipped, more than %d: %v", sum, most, sizes)
	}
}

// TestPageKeepsThePolicy: no script, no style and nothing foreign in the markup.
func TestPageKeepsThePolicy(t *testing.T) {
	p := Handler().(pages)
	index := p["index.html"].body
	for _, no := range []string{`<style`, ` style=`, ` on\w+=`, `https?://`, `<script(?: type="module"| crossorigin)*>`} {
		if hit := regexp.MustCompile(no).Find(index); hit != nil {
			t.Errorf("index.html has %q", hit)
		}
	}
	for name, f := range p {
		if bytes.Contains(f.body, []byte("eval(")) || bytes.Contains(f.body, []byte("new Function(")) {
			t.Errorf("%s makes code of text, which the policy forbids", name)
		}
	}
}

func TestHandler(t *testing.T) {
	var script string
	for name := range Handler().(pages) {
		if strings.HasSuffix(name, ".js") {
			script = "/" + name
		}
	}
	for _, c := range []struct {
		name, path, encoding string
		status               int
		kind, cache          string
	}{
		{"the page", "/", "", 200, "text/html; charset=utf-8", "no-cache"},
		{"a path of the page's own", "/b/default/t/t_1f3a9c20", "gzip", 200, "text/html; charset=utf-8", "no-cache"},
		{"a file named by its content", script, "gzip, br", 200, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
		{"a file of another version", "/assets/index-0000.js", "", 404, "text/plain; charset=utf-8", ""},
		{"a way out of the folder", "/../doc.go", "", 200, "text/html; charset=utf-8", "no-cache"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", c.path, nil)
			r.Header.Set("Accept-Encoding", c.encoding)
			w := httptest.NewRecorder()
			Handler().ServeHTTP(w, r)
			h := w.Header()
			if w.Code != c.status || h.Get("Content-Type") != c.kind || h.Get("Cache-Control") != c.cache {
				t.Errorf("%d %q %q", w.Code, h.Get("Content-Type"), h.Get("Cache-Control"))
			}
			if zipped := h.Get("Content-Encoding") == "gzip"; zipped != strings.Contains(c.encoding, "gzip") {
				t.Errorf("gzip: %v", zipped)
			}
			if c.status != 200 {
				return
			}
			if h.Get("Content-Security-Policy") != Policy || h.Get("X-Content-Type-Options") != "nosniff" {
				t.Error("headers:", h)
			}
			r.Header.Set("If-None-Match", h.Get("ETag"))
			w = httptest.NewRecorder()
			Handler().ServeHTTP(w, r)
			if w.Code != 304 || w.Body.Len() != 0 {
				t.Errorf("known already: %d with %d bytes", w.Code, w.Body.Len())
			}
		})
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequest("POST", "/", nil))
	if w.Code != 405 {
		t.Errorf("a change: %d", w.Code)
	}
}

// named finds the files that a file of the build names: from the root, beside
// itself, or in the list of what Vite loads together.
var named = regexp.MustCompile("[\"'`(](?:/|\\./)?((?:assets/)?[\\w.-]+\\.(?:js|css|svg|png|woff2?|json|wasm))[\"'`)]")

// TestBuildIsWhole: every file that the page or one of its files names is there,
// and every file that is there is named.
func TestBuildIsWhole(t *testing.T) {
	p := Handler().(pages)
	reached, next := map[string]bool{"index.html": true}, []string{"index.html"}
	for len(next) > 0 {
		from := next[0]
		next = next[1:]
		for _, m := range named.FindAllSubmatch(p[from].body, -1) {
			name := string(m[1])
			if _, there := p[name]; !there {
				name = path.Join(path.Dir(from), name)
			}
			if _, there := p[name]; !there {
				t.Errorf("%s names %s, which is not there", from, m[0])
			}
			if !reached[name] {
				reached[name] = true
				next = append(next, name)
			}
		}
	}
	for name := range p {
		if !reached[name] {
			t.Errorf("nothing names %s: make ui, and git add -A internal/webui/dist", name)
		}
	}
	if len(reached) < 20 {
		t.Errorf("only %d files are found by their names", len(reached))
	}
}
