package transfer

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Keep keeps a file by the hash of its content.
//
// Errors: invalid if it is not what the hash says.
type Keep func(ctx context.Context, sha256 string, content io.Reader) error

// Imported is what became of a stream.
type Imported struct {
	Board  string
	Counts Counts
	Ended  int // runs that were open when the board was exported
}

// Files are what an import does with bytes.
type Files struct {
	// Aside makes an empty file for the stream, which is gone through several
	// times. It is asked for when the header is known to be one, and is the
	// caller's to remove.
	Aside func() (io.ReadWriteSeeker, error)
	Keep  Keep
}

// Import makes a new board of a stream, all of it or none. slug names the board,
// "" as the stream does. Every line is checked as it comes; nothing is believed
// before the trailer was read.
//
// Errors: invalid, naming the line; conflict if there is such a board.
func Import(ctx context.Context, boards *board.Boards, a kanban.Actor, in io.Reader, slug string, files Files) (Imported, error) {
	i := &incoming{in: in}
	i.d = newDecoder(i)
	header, err := i.d.next()
	if err != nil {
		return Imported{}, err
	}
	info := infoOf(header.Header.Board)
	info.Slug = cmp.Or(slug, info.Slug)
	if err := boards.Free(ctx, a, &info); err != nil {
		return Imported{}, err
	}
	stream, err := files.Aside()
	if err != nil {
		return Imported{}, err
	}
	if err := i.receive(ctx, stream); err != nil {
		return Imported{}, err
	}
	if err := keepContents(ctx, stream, files.Keep); err != nil {
		return Imported{}, err
	}
	ended, err := boards.Found(ctx, a, info, header.Header.ExportedAt, func(f store.Filler) error { return fill(ctx, stream, f) })
	return Imported{Board: info.Slug, Counts: i.d.counts, Ended: ended}, err
}

// incoming is a stream that is put aside while it is checked for the first time.
type incoming struct {
	in    io.Reader
	d     *decoder
	begun bytes.Buffer // what came before there was a place for it
	aside io.Writer
}

func (i *incoming) Read(p []byte) (int, error) {
	n, err := i.in.Read(p)
	to := i.aside
	if to == nil {
		to = &i.begun
	}
	if _, failed := to.Write(p[:n]); failed != nil {
		return 0, fmt.Errorf("it cannot be put aside: %w", failed)
	}
	return n, err
}

// receive reads the rest of the stream.
func (i *incoming) receive(ctx context.Context, aside io.Writer) error {
	if _, err := i.begun.WriteTo(aside); err != nil {
		return err
	}
	i.aside = aside
	return walk(ctx, i.d, func(*decoder, record) error { return nil })
}

func infoOf(b Board) store.BoardInfo {
	return store.BoardInfo{
		Slug: b.Slug, Name: b.Name, Description: b.Description, Icon: b.Icon, Color: b.Color, WorkDir: b.WorkDir, CreatedAt: b.CreatedAt,
	}
}

// BoardOf describes a board for a header.
func BoardOf(i store.BoardInfo) Board {
	return Board{
		Slug: i.Slug, Name: i.Name, Description: i.Description, Icon: i.Icon, Color: i.Color, WorkDir: i.WorkDir, CreatedAt: i.CreatedAt,
	}
}

// walk reads a stream to its end.
func walk(ctx context.Context, d *decoder, visit func(*decoder, record) error) error {
	for {
		r, err := d.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = visit(d, r)
		}
		if err != nil {
			return err
		}
	}
}

// again reads a stream from its beginning.
func again(stream io.ReadSeeker) (*decoder, error) {
	_, err := stream.Seek(0, io.SeekStart)
	return newDecoder(stream), err
}

func fill(ctx context.Context, stream io.ReadSeeker, f store.Filler) error {
	d, err := again(stream)
	if err != nil {
		return err
	}
	old := newPlaces()
	return walk(ctx, d, func(d *decoder, r record) error {
		var err error
		if d.version == 1 {
			err = old.settle(f, &r)
		}
		if err == nil {
			err = put(f, r)
		}
		if err != nil {
			return d.refuse("%w", err)
		}
		return nil
	})
}

// put writes a row as it is.
func put(f store.Filler, r record) error {
	switch {
	case r.Meta != nil:
		return f.SetMeta(r.Meta.Key, r.Meta.Value)
	case r.Task != nil:
		return f.PutTask(kanban.Task(*r.Task))
	case r.Link != nil:
		return putLink(f, kanban.Link(*r.Link))
	case r.Key != nil:
		return f.PutKey(r.Key.Key, r.Key.Task)
	case r.Run != nil:
		return f.PutRun(kanban.Run(*r.Run))
	case r.Comment != nil:
		return f.PutComment(kanban.Comment(*r.Comment))
	case r.Event != nil:
		return f.PutEvent(kanban.Event(*r.Event))
	case r.Artifact != nil:
		return f.PutArtifacts([]kanban.Artifact{kanban.Artifact(*r.Artifact)})
	case r.Destination != nil:
		return f.PutOldDestination(store.Destination(*r.Destination))
	case r.Mute != nil:
		return f.PutMute(store.Mute(*r.Mute))
	case r.Post != nil:
		return f.PutPost(store.Post(*r.Post))
	case r.Subscription != nil:
		return f.PutOldSubscription(store.Subscription(*r.Subscription))
	case r.Delivery != nil:
		return f.PutDelivery(r.Delivery.delivery())
	case r.Trailer != nil:
		return f.Reserve(r.Trailer.LastIDs)
	}
	return nil
}

// keepContents keeps the files that come with a stream.
func keepContents(ctx context.Context, stream io.ReadSeeker, keep Keep) error {
	d, err := again(stream)
	if err != nil {
		return err
	}
	return walk(ctx, d, func(d *decoder, r record) error {
		if r.Content == nil {
			return nil
		}
		p := &pieces{d: d, sha: r.Content.SHA256, data: r.Content.Data, left: r.Content.Size - int64(len(r.Content.Data))}
		if err := keep(ctx, r.Content.SHA256, p); err != nil {
			return d.refuse("content: %w", err)
		}
		if p.left > 0 || len(p.data) > 0 {
			return d.refuse("content %s was not read to its end", p.sha)
		}
		return nil
	})
}

// pieces reads a file that stands in several lines.
type pieces struct {
	d    *decoder
	sha  string
	data []byte
	left int64 // bytes in lines still to come
}

func (p *pieces) Read(b []byte) (int, error) {
	for len(p.data) == 0 {
		if p.left == 0 {
			return 0, io.EOF
		}
		r, err := p.d.next()
		if err != nil {
			return 0, noEOF(err)
		}
		if r.Content == nil || r.Content.SHA256 != p.sha || len(r.Content.Data) == 0 || int64(len(r.Content.Data)) > p.left {
			return 0, p.d.refuse("content %s is not whole", p.sha)
		}
		p.data, p.left = r.Content.Data, p.left-int64(len(r.Content.Data))
	}
	n := copy(b, p.data)
	p.data = p.data[n:]
	return n, nil
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// putLink refuses an edge that was there: one of two conditions would be lost.
func putLink(f store.Filler, l kanban.Link) error {
	before, err := f.Parents(l.Child)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(before, func(have kanban.Link) bool { return have.Parent == l.Parent }) {
		return fmt.Errorf("the edge from %s to %s stands there twice", l.Parent, l.Child)
	}
	return f.PutLink(l)
}
