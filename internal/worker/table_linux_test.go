package worker

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseStat(t *testing.T) {
	t.Parallel()
	const middle = " 5 4194304 1 2 3 4 5 6 7 8 20 0 "
	for name, test := range map[string]struct {
		line string
		want process
	}{
		"running":                    {"7 (sh) S 1 7 6 0" + middle + "1 0 4242 1 1", process{pid: 7, ppid: 1, session: 6, start: 4242, name: "sh"}},
		"hostile name":               {"7 (a) Z 9 (b) R 1 7 6 0" + middle + "1 0 4242 1 1", process{pid: 7, ppid: 1, session: 6, start: 4242, name: "a) Z 9 (b"}},
		"zombie":                     {"7 (sh) Z 1 7 6 0" + middle + "1 0 4242 1 1", process{pid: 7, ppid: 1, session: 6, start: 4242, name: "sh", ended: true}},
		"closing its files":          {"7 (sh) R 1 7 6 0 5 4194308 1 2 3 4 5 6 7 8 20 0 1 0 4242 1 1", process{pid: 7, ppid: 1, session: 6, start: 4242, name: "sh", dying: true}},
		"first thread ended, others": {"7 (sh) Z 1 7 6 0" + middle + "3 0 4242 1 1", process{pid: 7, ppid: 1, session: 6, start: 4242, name: "sh"}},
		"collected meanwhile":        {"7 (sh) X 0 -1 -1 0" + middle + "0 0 4242 1 1", process{pid: 7, session: -1, start: 4242, name: "sh", ended: true}},
	} {
		got, err := parseStat([]byte(test.line))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(process{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for _, line := range []string{"", "7", "7 (sh) S 1", "7 (sh) S one 7 6 0" + middle + "1 0 4242"} {
		if got, err := parseStat([]byte(line)); err == nil {
			t.Errorf("%q: got %+v", line, got)
		}
	}
}
