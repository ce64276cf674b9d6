package transfer

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"maps"
	"unicode/utf8"

	"github.com/andon-dev/andon/internal/kanban"
)

// maxLine bounds a line, in bytes. The largest text that the API takes is a
// quarter of a megabyte; others may write more into a board.
const maxLine = 16 << 20

// maxHeader bounds the first line, in bytes: what is no export ends there.
const maxHeader = 1 << 20

// decoder reads a stream line by line. It has seen a whole, unchanged stream
// when next returns io.EOF.
type decoder struct {
	in      *bufio.Reader
	hash    hash.Hash
	version int // of the format
	line    int // the number of the line that was read last
	kind    int // what that was
	counts  Counts
	trailer *trailer
}

func newDecoder(r io.Reader) *decoder {
	return &decoder{in: bufio.NewReaderSize(r, 64<<10), hash: sha256.New(), counts: Counts{}}
}

// next returns the next line. Every line was checked on its own.
func (d *decoder) next() (record, error) {
	if d.trailer != nil {
		return record{}, d.nothingFollows()
	}
	text, err := d.text()
	if err != nil {
		return record{}, err
	}
	before := d.hash.Sum(nil)
	d.hash.Write(text)
	r, err := d.parse(text)
	if err != nil {
		return r, err
	}
	if r.Trailer != nil {
		d.trailer = r.Trailer
		return r, d.judge(before)
	}
	if r.Header == nil {
		d.counts[kinds[d.kind]]++
	}
	return r, nil
}

// refuse is an error about the present line.
func (d *decoder) refuse(format string, args ...any) *kanban.Error {
	err := kanban.Errorf(kanban.Invalid, format, args...)
	return kanban.Errorf(kanban.Invalid, "line %d: %w", d.line, err).Hint("nothing was changed; docs/export-format.md describes the stream")
}

// text reads a line with its end.
func (d *decoder) text() ([]byte, error) {
	d.line++
	limit := maxLine
	if d.line == 1 {
		limit = maxHeader
	}
	var line []byte
	for {
		part, err := d.in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > limit:
			return nil, d.refuse("it is longer than %d bytes", limit)
		case err == nil:
			return line, d.plain(line)
		case errors.Is(err, io.EOF):
			return nil, d.cutOff(line)
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, kanban.Errorf(kanban.Unavailable, "the stream broke off in line %d: %w", d.line, err).Hint("nothing was changed; try again")
		}
		if d.line == 1 {
			if err := d.plain(line); err != nil {
				return nil, err
			}
		}
	}
}

func (d *decoder) cutOff(line []byte) error {
	switch {
	case d.line == 1 && len(line) == 0:
		return d.refuse("the stream is empty")
	case d.line == 1:
		if err := d.plain(line); err != nil {
			return err
		}
	}
	return d.refuse("the stream is cut off: its last line, the trailer, is missing")
}

// plain refuses what is no text, with the likely reason.
func (d *decoder) plain(line []byte) error {
	switch {
	case bytes.HasPrefix(line, []byte("\xef\xbb\xbf")):
		return d.refuse("it begins with a byte order mark: a program has changed the file").Hint("export again, and copy the file as it is")
	case bytes.HasPrefix(line, []byte("\x1f\x8b")), bytes.HasPrefix(line, []byte("\x28\xb5\x2f\xfd")):
		return d.refuse("the stream is compressed").Hint("unpack it first: gunzip -c FILE | andon import -")
	case bytes.HasPrefix(line, []byte("SQLite format 3")):
		return d.refuse("this is a database, not an export").Hint("andon restore  takes backups")
	case bytes.HasSuffix(line, []byte("\r\n")):
		return d.refuse("it ends with CR LF: a program has changed the file").Hint("export again, and copy the file as it is")
	case bytes.IndexByte(line, 0) >= 0, bytes.HasSuffix(line, []byte("\n")) && !utf8.Valid(line):
		return d.refuse("it is not text in UTF-8")
	}
	return nil
}

func (d *decoder) parse(line []byte) (record, error) {
	var r record
	in := json.NewDecoder(bytes.NewReader(line))
	in.DisallowUnknownFields()
	if d.line == 1 {
		if err := d.known(line); err != nil {
			return r, err
		}
	}
	if err := in.Decode(&r); err != nil {
		return r, d.refuse("%s", kanban.Misfit(err))
	}
	if in.InputOffset() != int64(len(bytes.TrimRight(line, "\n"))) {
		return r, d.refuse("more than one document in a line")
	}
	kind := r.kind()
	switch {
	case kind < 0:
		return r, d.refuse("a line is an object with one key, one of %v", kinds)
	case (kind == 0) != (d.line == 1):
		return r, d.refuse("the first line, and no other, is the header")
	case kind < d.kind:
		return r, d.refuse("a %s after a %s", kinds[kind], kinds[d.kind])
	}
	d.kind = kind
	if err := r.check(); err != nil {
		return r, d.refuse("%s: %w", kinds[kind], err)
	}
	return r, nil
}

// known tells what is no export, or one of another version, before anything
// else is looked at.
func (d *decoder) known(line []byte) error {
	var first struct{ Header struct{ Format, Version any } }
	if err := json.Unmarshal(line, &first); err != nil || first.Header.Format != Format {
		return d.refuse("this is not an export of Andon")
	}
	if first.Header.Version != 1.0 && first.Header.Version != float64(Version) {
		return d.refuse("the stream is of version %v; this program reads versions 1 and %d", first.Header.Version, Version).
			Hint("import it with the version of Andon that wrote it, or a newer one")
	}
	d.version = int(first.Header.Version.(float64))
	return nil
}

// judge compares what the trailer says with what came.
func (d *decoder) judge(hash []byte) error {
	if d.trailer.SHA256 != hex.EncodeToString(hash) {
		return d.refuse("the stream was changed after it was written: its SHA-256 is %s, the trailer says %s", hex.EncodeToString(hash), d.trailer.SHA256)
	}
	if !maps.Equal(d.trailer.Counts, d.counts) {
		return d.refuse("the trailer counts %v, but there are %v", d.trailer.Counts, d.counts)
	}
	return nil
}

func (d *decoder) nothingFollows() error {
	_, err := d.in.ReadByte()
	if err == nil {
		d.line++
		return d.refuse("something follows the trailer")
	}
	return err
}
