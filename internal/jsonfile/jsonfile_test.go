package jsonfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/andon-dev/andon/internal/jsonfile"
)

type state struct{ Names []string }

func TestChangesOfManyAreAllKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "below", "state.json")
	files := []*jsonfile.File[state]{jsonfile.New[state](path), jsonfile.New[state](path)}
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			err := files[i%2].Change(func(s *state) error { s.Names = append(s.Names, "one"); return nil })
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, f := range files {
		s, err := f.Read()
		if err != nil || len(s.Names) != 20 {
			t.Errorf("%d names, %v; want 20", len(s.Names), err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
}

func TestARefusedChangeChangesNothing(t *testing.T) {
	f := jsonfile.New[state](filepath.Join(t.TempDir(), "state.json"))
	no := errors.New("no")
	err := f.Change(func(s *state) error { s.Names = []string{"half"}; return no })
	if !errors.Is(err, no) {
		t.Errorf("%v, want %v", err, no)
	}
	if s, err := f.Read(); err != nil || len(s.Names) != 0 {
		t.Errorf("%v, %v; want nothing", s, err)
	}
}

func TestWhatCannotBeReadIsNotOverwritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	if err := os.WriteFile(path, []byte("{half"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := jsonfile.New[state](path)
	if err := f.Change(func(*state) error { return nil }); err == nil {
		t.Error("a damaged file was changed")
	}
	if raw, _ := os.ReadFile(path); string(raw) != "{half" {
		t.Errorf("the file is %q now", raw)
	}
}
