package httpapi

import "github.com/andon-dev/andon/internal/kanban"

// Scopes is the table of scopes.
func Scopes() map[string]kanban.Scope { return scopes }
