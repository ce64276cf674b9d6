package notify

import (
	"context"
	"fmt"
	"mime"
	"path/filepath"
	"strings"
)

// Attach says which files go with a message.
type Attach struct {
	Max   int64    // bytes of one file; 0 = no file goes
	Types []string // media types, such as text/plain or image/*; nil = AttachTypes
}

// AttachMax is the largest file that goes along unless told otherwise, in bytes.
const AttachMax = 10 << 20

// AttachTypes go along unless told otherwise: what people look at, and nothing
// that a program would run.
var AttachTypes = []string{"text/*", "image/*", "application/pdf", "application/json"}

// Pick returns the files that may go, and for the others a line that says why
// they do not.
func (a Attach) Pick(ctx context.Context, files []File) (may []File, left []string) {
	if a.Max == 0 {
		return nil, nil
	}
	for _, f := range files {
		name := plain(filepath.Base(f.Name), maxTitle)
		switch {
		case f.Size > a.Max:
			left = append(left, fmt.Sprintf("%s stays behind: %s is more than the %s that go along", name, megabytes(f.Size), megabytes(a.Max)))
		case f.Size == 0:
			left = append(left, name+" stays behind: it is empty")
		case !a.allows(f):
			left = append(left, name+" stays behind: files of its type do not go along")
		case !readable(ctx, f):
			left = append(left, name+" stays behind: it cannot be read any more")
		default:
			f.Name = name
			may = append(may, f)
		}
	}
	return may, left
}

func (a Attach) allows(f File) bool {
	kind := f.Type
	if kind == "" {
		kind = mime.TypeByExtension(filepath.Ext(f.Name))
	}
	kind, _, _ = strings.Cut(kind, ";")
	types := a.Types
	if types == nil {
		types = AttachTypes
	}
	for _, t := range types {
		family, any := strings.CutSuffix(t, "/*")
		if kind == t || any && strings.HasPrefix(kind, family+"/") {
			return true
		}
	}
	return false
}

func readable(ctx context.Context, f File) bool {
	content, err := f.Open(ctx)
	if err != nil {
		return false
	}
	return content.Close() == nil
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/(1<<20)) }
