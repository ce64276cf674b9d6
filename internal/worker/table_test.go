package worker

import (
	"slices"
	"testing"
)

func TestBelow(t *testing.T) {
	t.Parallel()
	procs := table{}
	for _, p := range []process{
		{pid: 10, ppid: 1, start: 100},
		{pid: 11, ppid: 10, start: 101},
		{pid: 12, ppid: 11, start: 102},
		{pid: 13, ppid: 11, start: 102, ended: true},
		{pid: 14, ppid: 13, start: 103},
		{pid: 15, ppid: 10, start: 99}, // its parent was another process with pid 10
		{pid: 16, ppid: 15, start: 105},
		{pid: 20, ppid: 1, start: 50},
		{pid: 21, ppid: 20, start: 51},
		{pid: 30, ppid: 31, start: 60}, // what a torn snapshot can look like
		{pid: 31, ppid: 30, start: 60},
		{pid: 40, ppid: 41, start: 60}, // its parent has ended
	} {
		procs[p.pid] = p
	}
	for name, test := range map[string]struct {
		skip  int
		roots []int
		want  []int
	}{
		"a tree":             {roots: []int{10}, want: []int{11, 12, 14}},
		"a leaf":             {roots: []int{12}},
		"two trees":          {roots: []int{11, 20}, want: []int{12, 14, 21}},
		"a tree in a tree":   {roots: []int{10, 11}, want: []int{12, 14}},
		"without one branch": {skip: 11, roots: []int{10}},
		"what is not there":  {roots: []int{99}},
	} {
		var got []int
		for _, p := range procs.below(test.skip, test.roots...) {
			got = append(got, p.pid)
		}
		slices.Sort(got)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}
