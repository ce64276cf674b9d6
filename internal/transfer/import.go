package transfer

import (
	"cmp"
	"context"
	"errors"
	"io"

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

// Import makes a new board of a stream, all of it or none. slug names the board,
// "" as the stream does. Nothing is believed before the trailer was read: the
// stream is gone through several times.
//
// Errors: invalid, naming the line; conflict if there is such a board.
func Import(ctx context.Context, boards *board.Boards, a kanban.Actor, stream io.ReadSeeker, slug string, keep Keep) (Imported, error) {
	header, counts, err := survey(ctx, stream)
	if err != nil {
		return Imported{}, err
	}
	info := infoOf(header.Board)
	info.Slug = cmp.Or(slug, info.Slug)
	if err := boards.Free(ctx, a, &info); err != nil {
		return Imported{}, err
	}
	if err := keepContents(ctx, stream, keep); err != nil {
		return Imported{}, err
	}
	ended, err := boards.Found(ctx, a, info, header.ExportedAt, func(f store.Filler) error { return fill(ctx, stream, f) })
	return Imported{Board: info.Slug, Counts: counts, Ended: ended}, err
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

// walk reads a stream from its beginning to its end.
func walk(ctx context.Context, stream io.ReadSeeker, visit func(*decoder, record) error) (*decoder, error) {
	if _, err := stream.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	d := newDecoder(stream)
	for {
		r, err := d.next()
		if errors.Is(err, io.EOF) {
			return d, nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = visit(d, r)
		}
		if err != nil {
			return d, err
		}
	}
}

func survey(ctx context.Context, stream io.ReadSeeker) (h Header, c Counts, err error) {
	d, err := walk(ctx, stream, func(_ *decoder, r record) error {
		if r.Header != nil {
			h = *r.Header
		}
		return nil
	})
	if err != nil {
		return h, nil, err
	}
	return h, d.counts, nil
}

func fill(ctx context.Context, stream io.ReadSeeker, f store.Filler) error {
	_, err := walk(ctx, stream, func(d *decoder, r record) error {
		if err := put(f, r); err != nil {
			return d.refuse("%w", err)
		}
		return nil
	})
	return err
}

// put writes a row as it is.
func put(f store.Filler, r record) error {
	switch {
	case r.Meta != nil:
		return f.SetMeta(r.Meta.Key, r.Meta.Value)
	case r.Task != nil:
		return f.PutTask(kanban.Task(*r.Task))
	case r.Link != nil:
		return f.PutLink(kanban.Link(*r.Link))
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
	if _, err := stream.Seek(0, io.SeekStart); err != nil {
		return err
	}
	d := newDecoder(stream)
	for {
		r, err := d.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil || r.Content == nil {
			if err != nil {
				return err
			}
			continue
		}
		p := &pieces{d: d, sha: r.Content.SHA256, data: r.Content.Data, left: r.Content.Size - int64(len(r.Content.Data))}
		if err := keep(ctx, r.Content.SHA256, p); err != nil {
			return d.refuse("content: %w", err)
		}
		if p.left > 0 || len(p.data) > 0 {
			return d.refuse("content %s was not read to its end", p.sha)
		}
	}
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
