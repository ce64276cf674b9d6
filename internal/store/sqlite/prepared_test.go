package sqlite

import (
	"testing"

	"github.com/ncruces/go-sqlite3"

	"github.com/andon-dev/andon/internal/kanban"
)

// TestS3_HotPathsArePreparedOnce: another call with other values takes the
// statement as it is.
func TestS3_HotPathsArePreparedOnce(t *testing.T) {
	dir := t.TempDir()
	c, err := openConn(openBoard(t, dir, kanban.DefaultBoard).(*board).db.path, opening{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	for _, path := range hotPaths {
		s, done, err := c.prepare(path.sql)
		if err != nil {
			t.Fatalf("%s: %v", path.name, err)
		}
		for round := range 3 {
			for i := range s.BindCount() {
				if err := s.BindInt(i+1, 100*round+i); err != nil {
					t.Fatalf("%s: %v", path.name, err)
				}
			}
			for s.Step() { //nolint:revive // only that it runs counts
			}
			if err := rewind(s); err != nil {
				t.Errorf("%s: %v", path.name, err)
			}
		}
		if n := s.Status(sqlite3.STMTSTATUS_REPREPARE, false); n > 0 {
			t.Errorf("%s was prepared anew %d times", path.name, n)
		}
		if err := done(); err != nil {
			t.Errorf("%s: %v", path.name, err)
		}
	}
}
