package httpapi

import (
	"context"
	"strconv"

	"github.com/andon-dev/andon/internal/board"
)

type diffInput struct {
	TaskPath
	Attempt int  `query:"attempt" minimum:"1" doc:"whose work; the newest run's if absent"`
	Since   int  `query:"since" minimum:"1" doc:"an earlier attempt, whose end to compare with; if absent, where the run's branch began"`
	Stat    bool `query:"stat" doc:"count lines instead of showing them"`
	Limit   int  `query:"limit" minimum:"1024" maximum:"16777216" doc:"bytes; 1048576 if absent"`
}

type diffReply struct {
	ContentType string `header:"Content-Type"`
	NoSniff     string `header:"X-Content-Type-Options"`
	From        string `header:"Andon-From" doc:"the commit or ref that is compared with"`
	To          string `header:"Andon-To" doc:"the ref of what was kept; absent for files as they are now"`
	Cut         string `header:"Andon-Cut" doc:"true if the text ends at the limit"`
	Body        []byte
}

const diffLimit = 1 << 20

// diff answers with what git says, byte for byte: files need not be UTF-8.
func (s *server) diff(ctx context.Context, in *diffInput) (*diffReply, error) {
	t, err := s.target(ctx, in.TaskPath)
	if err != nil {
		return nil, err
	}
	if in.Limit == 0 {
		in.Limit = diffLimit
	}
	d, err := t.board.Diff(ctx, t.id, board.Changes{Attempt: in.Attempt, Since: in.Since, Stat: in.Stat, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	return &diffReply{"text/plain; charset=utf-8", "nosniff", d.From, d.To, strconv.FormatBool(d.Cut), d.Text}, nil
}
