package guests_test

import (
	"fmt"
	"slices"
	"testing"
)

func TestG20_NamesOfAChatAreKnown(t *testing.T) {
	h := newHall(t)
	names := func(sink, name string, want ...string) {
		t.Helper()
		if got := must(h.Names(sink, name))(t); !slices.Equal(got, want) {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	call := func(name, chat string) {
		t.Helper()
		if err := h.Call(sink, name, chat); err != nil {
			t.Fatal(err)
		}
	}
	names(sink, "-7", "-7")
	call("-7", "-7")
	names(sink, "-7", "-7")
	for range 2 {
		call("@ops", "-7")
		names(sink, "@ops", "-7", "@ops")
	}
	if err := h.Call(sink, "-7", "-1007"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"@ops", "-7", "-1007"} {
		names(sink, name, "-1007", "@ops", "-7")
	}
	names("other", "-7", "-7")
	call("@ops", "-8") // the name was given to another
	names(sink, "@ops", "-8", "@ops")
	names(sink, "-7", "-1007", "-7")
	call("-1007", "-7") // and back
	names(sink, "-1007", "-7", "-1007")
	for i := range 1000 {
		call(fmt.Sprint("#", i), "C1")
	}
	names(sink, "@ops", "@ops") // the oldest are forgotten
}
