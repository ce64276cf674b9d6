package access_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/access"
	"github.com/andon-dev/andon/internal/kanban"
)

// clock is a time that the test moves.
type clock struct{ now time.Time }

func newKeeper(t *testing.T) (*access.Keeper, *clock, string) {
	t.Helper()
	c := &clock{time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	dir := t.TempDir()
	return access.New(dir, func() time.Time { return c.now }), c, dir
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refused(t *testing.T, err error, code kanban.Code) {
	t.Helper()
	var e *kanban.Error
	if !errors.As(err, &e) || e.Code != code || e.Way == "" {
		t.Errorf("%v, want a refusal with code %s and a hint", err, code)
	}
}

// TestG30_ATokenUntilItIsRevokedOrExpires, also for other processes and after a
// restart.
func TestG30_ATokenUntilItIsRevokedOrExpires(t *testing.T) {
	k, c, dir := newKeeper(t)
	secret, made, err := k.Create(" CI ", kanban.ScopeRead, "default", c.now.Add(time.Hour), "ann")
	ok(t, err)
	if !strings.HasPrefix(secret, access.Prefix) || made.Name != "ci" || made.Actor() != (kanban.Actor{Kind: kanban.Human, Name: "ci (token)", Scope: kanban.ScopeRead, Board: "default"}) {
		t.Errorf("made %+v", made)
	}
	_, _, err = k.Create("ci", kanban.ScopeAdmin, "", time.Time{}, "ann")
	refused(t, err, kanban.Conflict)
	other := access.New(dir, func() time.Time { return c.now })
	_, err = other.Known(access.Token, secret)
	ok(t, err)
	for _, wrong := range []string{"", access.Prefix, secret + "x", strings.ToLower(secret), made.Hash} {
		_, err = other.Known(access.Token, wrong)
		refused(t, err, kanban.Unauthorized)
	}
	_, err = k.Known(access.Session, secret)
	refused(t, err, kanban.Unauthorized)
	c.now = c.now.Add(6 * time.Minute)
	_, err = k.Known(access.Token, secret)
	ok(t, err)
	if all, err := k.List(); err != nil || !all[0].Used.Equal(c.now) {
		t.Errorf("used six minutes later: %+v %v", all, err)
	}
	c.now = c.now.Add(time.Hour)
	_, err = k.Known(access.Token, secret)
	refused(t, err, kanban.Unauthorized)
	if all, err := k.List(); err != nil || len(all) != 1 || !all[0].Expired(c.now) {
		t.Errorf("%+v %v", all, err)
	}
	secret, _, err = k.Create("bot", kanban.ScopeOperate, "", time.Time{}, "ann")
	ok(t, err)
	_, err = other.Known(access.Token, secret)
	ok(t, err)
	ok(t, k.Revoke("BOT"))
	_, err = other.Known(access.Token, secret)
	refused(t, err, kanban.Unauthorized)
	refused(t, k.Revoke("bot"), kanban.NotFound)
}

// TestG30_ALinkIsUsedOnce, by whoever is first, and within five minutes.
func TestG30_ALinkIsUsedOnce(t *testing.T) {
	k, c, dir := newKeeper(t)
	code, _, err := k.Link("ann", kanban.ScopeAdmin, "")
	ok(t, err)
	var began atomic.Int32
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, _, err := access.New(dir, func() time.Time { return c.now }).Login(code); err == nil {
				began.Add(1)
			}
		})
	}
	all.Wait()
	if began.Load() != 1 {
		t.Errorf("%d sessions began", began.Load())
	}
	code, _, err = k.Link("ann", kanban.ScopeRead, "")
	ok(t, err)
	c.now = c.now.Add(5 * time.Minute)
	_, _, err = k.Login(code)
	refused(t, err, kanban.Unauthorized)
}

// TestG30_ASessionEndsUnused for thirty days, and is then forgotten.
func TestG30_ASessionEndsUnused(t *testing.T) {
	k, c, _ := newKeeper(t)
	code, _, err := k.Link("ann", kanban.ScopeAdmin, "")
	ok(t, err)
	secret, _, err := k.Login(code)
	ok(t, err)
	for range 3 {
		c.now = c.now.Add(29 * 24 * time.Hour)
		_, err = k.Known(access.Session, secret)
		ok(t, err)
	}
	c.now = c.now.Add(30 * 24 * time.Hour)
	_, err = k.Known(access.Session, secret)
	refused(t, err, kanban.Unauthorized)
	ok(t, k.SetListen("127.0.0.1:1"))
	if all, err := k.List(); err != nil || len(all) != 0 {
		t.Errorf("%+v %v", all, err)
	}
}

// TestG32_NoSecretIsKept in the file, which is its owner's only.
func TestG32_NoSecretIsKept(t *testing.T) {
	k, _, dir := newKeeper(t)
	token, _, err := k.Create("ci", kanban.ScopeRead, "", time.Time{}, "ann")
	ok(t, err)
	code, _, err := k.Link("ann", kanban.ScopeAdmin, "")
	ok(t, err)
	unused, _, err := k.Link("ann", kanban.ScopeAdmin, "")
	ok(t, err)
	session, _, err := k.Login(code)
	ok(t, err)
	path := filepath.Join(dir, "access.json")
	text, err := os.ReadFile(path)
	ok(t, err)
	for _, secret := range []string{token, strings.TrimPrefix(token, access.Prefix), code, unused, session} {
		if strings.Contains(string(text), secret) {
			t.Errorf("the file holds %s", secret)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}

// TestG30_AFileThatCannotBeReadLetsNobodyIn, and is not replaced.
func TestG30_AFileThatCannotBeReadLetsNobodyIn(t *testing.T) {
	k, _, dir := newKeeper(t)
	path := filepath.Join(dir, "access.json")
	ok(t, os.WriteFile(path, []byte("{"), 0o600))
	_, err := k.Known(access.Token, "")
	refused(t, err, kanban.Unavailable)
	_, _, err = k.Create("ci", kanban.ScopeRead, "", time.Time{}, "ann")
	refused(t, err, kanban.Unavailable)
	if text, _ := os.ReadFile(path); string(text) != "{" {
		t.Errorf("the file is %q now", text)
	}
	ok(t, os.Remove(path))
	_, err = k.Known(access.Token, "")
	refused(t, err, kanban.Unauthorized)
}
