package transfer

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Contents opens a kept file by the hash of what is in it.
type Contents func(sha256 string) (file io.ReadSeekCloser, size int64, err error)

// pieceSize is how much of a kept file stands in one line, in bytes.
const pieceSize = 256 << 10

// Export writes what a snapshot of a board holds. Without contents it only names
// the kept files. Format and version of h are set here.
func Export(w io.Writer, r store.Reader, h Header, contents Contents) error {
	out := newEncoder(w)
	h.Format, h.Version = Format, Version
	if err := out.put(record{Header: &h}); err != nil {
		return err
	}
	if err := exportRows(out, r, contents); err != nil {
		return err
	}
	ids, err := r.LastIDs()
	if err != nil {
		return err
	}
	return out.end(ids)
}

func exportRows(out *encoder, r store.Reader, contents Contents) error {
	return errors.Join(
		r.EachMeta(func(key, value string) error { return out.put(record{Meta: &metaRow{key, value}}) }),
		r.EachTask(true, func(t kanban.Task) error { row := taskRow(t); return out.put(record{Task: &row}) }),
		r.EachLink(func(l kanban.Link) error { row := linkRow(l); return out.put(record{Link: &row}) }),
		r.EachKey(func(key, task string) error { return out.put(record{Key: &keyRow{key, task}}) }),
		r.EachRun(func(run kanban.Run) error { row := runRow(run); return out.put(record{Run: &row}) }),
		r.EachComment(func(c kanban.Comment) error { row := commentRow(c); return out.put(record{Comment: &row}) }),
		r.EachEvent(func(e kanban.Event) error { row := eventRow(e); return out.put(record{Event: &row}) }),
		r.EachArtifact(func(a kanban.Artifact) error { row := artifactRow(a); return out.put(record{Artifact: &row}) }),
		exportContents(out, r, contents),
		exportSubscriptions(out, r),
		exportMutes(out, r),
		r.EachPost(func(p store.Post) error { row := postRow(p); return out.put(record{Post: &row}) }),
		r.EachDelivery(func(d store.Delivery) error { row := deliveryRowOf(d); return out.put(record{Delivery: &row}) }),
	)
}

func exportSubscriptions(out *encoder, r store.Reader) error {
	places, err := r.Destinations()
	for _, d := range places {
		row := destinationRow(d)
		err = errors.Join(err, out.put(record{Destination: &row}))
	}
	all, failed := r.Subscriptions("")
	err = errors.Join(err, failed)
	for _, s := range all {
		if row := subscriptionRow(s); !s.Foreign {
			err = errors.Join(err, out.put(record{Subscription: &row}))
		}
	}
	return err
}

func exportMutes(out *encoder, r store.Reader) error {
	all, err := r.Mutes()
	for _, m := range all {
		row := muteRow(m)
		err = errors.Join(err, out.put(record{Mute: &row}))
	}
	return err
}

// exportContents writes every kept file once.
func exportContents(out *encoder, r store.Reader, contents Contents) error {
	if contents == nil {
		return nil
	}
	done := map[string]bool{}
	return r.EachArtifact(func(a kanban.Artifact) error {
		if done[a.SHA256] {
			return nil
		}
		done[a.SHA256] = true
		return exportContent(out, a, contents)
	})
}

func exportContent(out *encoder, a kanban.Artifact, contents Contents) (err error) {
	file, size, err := contents(a.SHA256)
	if err != nil {
		return kanban.Errorf(kanban.CodeOf(err), "the content of %s, which run %d of %s left, cannot be read: %w", a.Path, a.Run, a.Task, err).
			Hint("andon export without --with-artifacts; andon verify --artifacts  lists what is missing")
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	piece := make([]byte, pieceSize)
	for written := int64(0); ; {
		n, err := io.ReadFull(file, piece)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return err
		}
		if n > 0 || written == 0 {
			if err := out.put(record{Content: &contentRow{a.SHA256, size, piece[:n]}}); err != nil {
				return err
			}
		}
		if written += int64(n); err != nil {
			if written != size {
				return kanban.Errorf(kanban.Internal, "content %s changed while it was read", a.SHA256)
			}
			return nil
		}
	}
}

// encoder writes lines and knows what it wrote. After an error it writes nothing
// more.
type encoder struct {
	out    *bufio.Writer
	hash   hash.Hash
	json   *json.Encoder
	counts Counts
	err    error
}

func newEncoder(w io.Writer) *encoder {
	e := &encoder{out: bufio.NewWriterSize(w, 64<<10), hash: sha256.New(), counts: Counts{}}
	e.json = json.NewEncoder(io.MultiWriter(e.out, e.hash))
	e.json.SetEscapeHTML(false)
	return e
}

func (e *encoder) put(r record) error {
	if e.err == nil {
		e.err = e.json.Encode(r)
	}
	if r.Header == nil {
		e.counts[kinds[r.kind()]]++
	}
	return e.err
}

func (e *encoder) end(ids store.LastIDs) error {
	t := trailer{Counts: e.counts, LastIDs: ids, SHA256: hex.EncodeToString(e.hash.Sum(nil))}
	if e.err == nil {
		e.err = e.json.Encode(record{Trailer: &t})
	}
	if err := errors.Join(e.err, e.out.Flush()); err != nil {
		return fmt.Errorf("the export is cut off: %w", err)
	}
	return nil
}
