package browser

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// Run by `make screenshots`.
var keepPictures = flag.Bool("screenshots", false, "put the pictures of the docs where they belong")

// TestPictures takes the pictures of docs/dashboard.md, of a fleet at work.
func TestPictures(t *testing.T) {
	h := newHome(t, team)
	tasks := h.furnish()
	p := h.browse()
	folder := t.ArtifactDir()
	if *keepPictures {
		folder = filepath.Join("..", "..", "docs", "screenshots")
	}
	for _, at := range []struct {
		name, scheme, path, shows string
		width                     int64 // 0 = a phone's
	}{
		{"board", "light", "/b/default", "Make the server's tests pass under load", 1900},
		{"inbox", "light", "/inbox", "Which time zone should the report use?", 1400},
		{"task", "dark", "/b/default/t/" + tasks["review"], "Retry failed requests in the client", 1400},
		{"graph", "light", "/b/default/graph", "Tell the customers", 1400},
		{"fleet", "dark", "/fleet", "The last 24 hours", 1400},
		{"phone", "light", "/inbox", "Which time zone should the report use?", 0},
	} {
		if at.width > 0 {
			p.Size(at.width, 860)
		} else {
			p.Phone()
		}
		p.Scheme(at.scheme)
		p.Open(at.path)
		p.Until(`document.body.textContent.includes(` + quote(at.shows) + `)`)
		p.Still()
		picture, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, at.name+".png"), picture, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
