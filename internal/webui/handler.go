package webui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:embed all:dist
var built embed.FS

// Policy allows what the pages need and nothing else: nothing of another origin,
// no script and no style within the markup.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

// file is one of the build, ready to be sent.
type file struct {
	body, zipped     []byte // zipped is nil if that is no smaller
	kind, tag, cache string
}

type pages map[string]file

// Handler serves the files of the dashboard, and for every other path its one
// page, which reads the path itself.
func Handler() http.Handler {
	p := pages{}
	dist, err := fs.Sub(built, "dist")
	if err == nil {
		err = fs.WalkDir(dist, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || name == "source.sha256" {
				return err
			}
			body, err := fs.ReadFile(dist, name)
			p[name] = newFile(name, body)
			return err
		})
	}
	if err != nil {
		panic("the embedded dashboard cannot be read: " + err.Error()) // a defect of the build
	}
	return p
}

func newFile(name string, body []byte) file {
	f := file{body: body, kind: mime.TypeByExtension(path.Ext(name)), tag: fmt.Sprintf(`"%.16x"`, sha256.Sum256(body)), cache: "no-cache"}
	if strings.HasPrefix(name, "assets/") { // their names are of their contents
		f.cache = "public, max-age=31536000, immutable"
	}
	var zipped bytes.Buffer
	z, _ := gzip.NewWriterLevel(&zipped, gzip.BestCompression) // the level is a valid one
	_, _ = z.Write(body)
	_ = z.Close()
	if zipped.Len() < len(body) {
		f.zipped = zipped.Bytes()
	}
	return f
}

func (p pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "the dashboard is only read; changes go to /api/v1", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	f, known := p[name]
	if !known {
		if strings.HasPrefix(name, "assets/") { // of another version: the page has to be loaded anew
			http.Error(w, "this version of the dashboard has no such file; load the page anew", http.StatusNotFound)
			return
		}
		f = p["index.html"]
	}
	h := w.Header()
	h.Set("Content-Security-Policy", Policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", f.cache)
	h.Set("ETag", f.tag)
	h.Set("Vary", "Accept-Encoding")
	if r.Header.Get("If-None-Match") == f.tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := f.body
	if f.zipped != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = f.zipped
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // who has gone needs no answer
	}
}
