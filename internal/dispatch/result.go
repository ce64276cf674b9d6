package dispatch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/andon-dev/andon/internal/kanban"
)

// result is what a worker may write to ANDON_RESULT.
type result struct {
	Status    string          `json:"status"`
	Summary   string          `json:"summary"`
	Metadata  json.RawMessage `json:"metadata"`
	Artifacts []string        `json:"artifacts"`
	Reason    string          `json:"reason"`
	Kind      string          `json:"kind"`
	Usage     *usage          `json:"usage"`

	// Written by the command line when the gateway was away.
	Run   int64    `json:"run"`
	Token string   `json:"token"`
	Cards []string `json:"created_cards"`
}

// usage is all that the worker has used, by its own word.
type usage struct {
	Input      int64   `json:"input"`
	Output     int64   `json:"output"`
	CacheRead  int64   `json:"cache_read"`
	CacheWrite int64   `json:"cache_write"`
	Turns      int64   `json:"turns"`
	Cost       float64 `json:"cost_usd"`
}

func (u usage) read() (kanban.Usage, error) {
	cost, err := kanban.MicroDollars(u.Cost)
	if err != nil {
		return kanban.Usage{}, err
	}
	read := kanban.Usage{Input: u.Input, Output: u.Output, CacheRead: u.CacheRead, CacheWrite: u.CacheWrite, Turns: u.Turns, Cost: cost}
	return read, read.Check()
}

// resultExample is told to whoever wrote another thing.
const resultExample = `for example {"status":"done","summary":"12 files migrated","artifacts":["report.md"]}`

// maxResult bounds the result file, in bytes.
const maxResult = 1 << 20

func (r *run) readResult() (*result, error) {
	raw, err := r.folder.Read(r.resultName(), maxResult)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the result file: %w", err)
	}
	if raw = bytes.TrimSpace(raw); len(raw) == 0 {
		return nil, nil
	}
	var res result
	file := json.NewDecoder(bytes.NewReader(raw))
	file.DisallowUnknownFields()
	err = file.Decode(&res)
	if err == nil && len(bytes.TrimSpace(raw[file.InputOffset():])) > 0 {
		err = json.Unmarshal(raw, new(json.RawMessage)) // which says what is too much
	}
	if err != nil {
		return nil, fmt.Errorf("the result file: %s; %s", kanban.Misfit(err), resultExample)
	}
	if res.Usage != nil {
		if _, err := res.Usage.read(); err != nil {
			return nil, fmt.Errorf("the result file: %w", err)
		}
	}
	return &res, nil
}

// meterEnd notes what the result file says of usage. A file that is refused says
// nothing: that is the word's to tell.
func (r *run) meterEnd(ctx context.Context) {
	res, err := r.readResult()
	if err != nil || res == nil || res.Usage == nil {
		return
	}
	u, err := res.Usage.read()
	if err == nil {
		_, err = r.board.MeterEnd(ctx, r.row.ID, u)
	}
	if err != nil && ctx.Err() == nil {
		r.log().Error("what a run has used cannot be noted", "error", err)
	}
}
