package httpapi

import "testing"

// TestG21_WhatATailKeeps: who asks for frames that are gone is told so, and finds
// a place from which nothing is missing.
func TestG21_WhatATailKeeps(t *testing.T) {
	tl := &tail{floor: 10}
	for id := int64(11); id <= 10+2*tailKeeps; id++ {
		tl.add(frame{id: id}, frame{name: "line"})
	}
	oldest := int64(11 + 2*tailKeeps - tailKeeps/2)
	if len(tl.frames) != tailKeeps || tl.frames[0].id != oldest {
		t.Fatalf("it keeps %d frames from event %d", len(tl.frames), tl.frames[0].id)
	}
	if _, kept := tl.from(0); kept {
		t.Error("frames that are gone are said to be there")
	}
	for seen, want := range map[int64]bool{9: false, oldest - 2: false, oldest - 1: true, oldest + 7: true, 10 + 2*tailKeeps: true} {
		next, kept := tl.join(seen)
		if kept != want {
			t.Errorf("after event %d: kept %v", seen, kept)
		}
		if frames, there := tl.from(next); kept && (!there || len(frames) > 0 && frames[0].id != seen+1) {
			t.Errorf("after event %d: %d frames, %v", seen, len(frames), there)
		}
	}
}
