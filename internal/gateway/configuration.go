package gateway

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/httpapi"
	"github.com/andon-dev/andon/internal/kanban"
)

var _ httpapi.Config = configuration{}

// configuration is andon.yaml over the API.
type configuration struct{ *app }

// force is since when a version of andon.yaml counts, and who brought it about;
// by is "" if it was changed on disk.
type force struct {
	version string
	since   time.Time
	by      string
}

// enforce makes a configuration the one that counts.
func (a *app) enforce(c config.Config, by string) {
	now := force{version: c.Version, since: a.Clock(), by: by}
	if before := a.force.Load(); before != nil && before.version == c.Version {
		now.since = before.since
		if by == "" { // read again without need
			now.by = before.by
		}
	}
	a.config.Store(&c)
	a.force.Store(&now)
}

// Shown is what is in force, redacted.
func (c configuration) Shown() any { return c.config.Load().Redacted() }

// Settings are what can be changed, and which version is in force.
func (c configuration) Settings(ctx context.Context) (client.Settings, error) {
	boards, err := c.boards.List(ctx, false)
	if err != nil {
		return client.Settings{}, err
	}
	var slugs []string
	for _, b := range boards {
		slugs = append(slugs, b.Slug)
	}
	in := c.force.Load()
	out := client.Settings{File: c.paths.Config, Version: in.version, Since: &in.since, By: in.by, Items: []client.Setting{}}
	if _, err := config.LoadServed(c.paths.Config); err != nil {
		out.Problem, out.Hint = err.Error(), way(err)
	}
	for _, s := range c.config.Load().Settings(slugs) {
		out.Items = append(out.Items, client.Setting(s))
	}
	return out, nil
}

// Set changes andon.yaml and puts it in force before it returns.
//
// Errors: as config.Set; conflict if the file on disk is broken, or is not of the
// version and not as it is to be; not_found for a board that is not there.
func (c configuration) Set(ctx context.Context, by kanban.Actor, version string, values map[string]string) error {
	c.setting.Lock()
	defer c.setting.Unlock()
	if _, err := config.Load(c.paths.Config); kanban.CodeOf(err) == kanban.Invalid {
		return kanban.Errorf(kanban.Conflict, "andon.yaml is broken on disk, so it is left alone: %w", err).Hint("repair %s first; andon config check  tells what is wrong", c.paths.Config)
	}
	for key := range values {
		if rest, of := strings.CutPrefix(key, "boards."); of {
			slug, _, _ := strings.Cut(rest, ".")
			if _, err := c.boards.Info(ctx, slug); err != nil {
				return err
			}
		}
	}
	changed, err := config.Rewrite(c.paths.Config, func(data []byte) ([]byte, error) {
		after, err := config.Set(data, values)
		if now := config.Version(data); err == nil && version != "" && version != now && !bytes.Equal(data, after) { // else it is so already
			return nil, kanban.Errorf(kanban.Conflict, "andon.yaml has changed since: it is version %s now, and not %s", now, version).Hint("look at the settings as they are now, and decide again")
		}
		return after, err
	})
	if err != nil || !changed {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		c.Log.InfoContext(ctx, "a setting was changed", "by", by.Name, "key", key, "value", values[key])
	}
	return c.reload(by.Name)
}

// load reads andon.yaml again. One that is empty or gone is in the middle of being
// written more often than it is meant.
func (a *app) load(by string) error {
	c, err := config.LoadServed(a.paths.Config)
	if err != nil {
		return err
	}
	if nothing := config.Version(nil); c.Version == nothing && a.config.Load().Version != nothing {
		return kanban.Errorf(kanban.Invalid, "%s is empty or gone", a.paths.Config).Hint("if that is meant, write  lanes: {}  into it, or restart the gateway")
	}
	a.enforce(c, by)
	return nil
}
