package notify

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPickedFiles(t *testing.T) {
	open := func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("x")), nil }
	pruned := func(context.Context) (io.ReadCloser, error) { return nil, errors.New("gone") }
	files := []File{
		{Name: "a/report.md", Type: "text/markdown; charset=utf-8", Size: 10, Open: open},
		{Name: "shot.png", Size: 100, Open: open},
		{Name: "run.exe", Type: "application/x-msdownload", Size: 10},
		{Name: "big.txt", Size: 3 << 20},
		{Name: "empty.txt"},
		{Name: "pruned.txt", Size: 1, Open: pruned},
		{Name: "gnp\u202e.exe", Size: 1},
	}
	for name, c := range map[string]struct {
		attach Attach
		names  []string
		left   []string
	}{
		"off": {Attach{}, nil, nil},
		"as usual": {Attach{Max: 2 << 20}, []string{"report.md", "shot.png"}, []string{
			"run.exe stays behind: files of its type do not go along",
			"big.txt stays behind: 3.0 MB is more than the 2.0 MB that go along",
			"empty.txt stays behind: it is empty",
			"pruned.txt stays behind: it cannot be read any more",
			"gnp .exe stays behind: files of its type do not go along",
		}},
		"pictures": {Attach{Max: 50, Types: []string{"image/png"}}, nil, []string{
			"report.md stays behind: files of its type do not go along",
			"shot.png stays behind: 0.0 MB is more than the 0.0 MB that go along",
			"run.exe stays behind: files of its type do not go along",
			"big.txt stays behind: 3.0 MB is more than the 0.0 MB that go along",
			"empty.txt stays behind: it is empty",
			"pruned.txt stays behind: files of its type do not go along",
			"gnp .exe stays behind: files of its type do not go along",
		}},
	} {
		picked, left := c.attach.Pick(t.Context(), files)
		var names []string
		for _, f := range picked {
			names = append(names, f.Name)
		}
		if diff := cmp.Diff(c.names, names); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if diff := cmp.Diff(c.left, left); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
