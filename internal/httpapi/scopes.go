package httpapi

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
)

// scopes say what a credential must allow for an operation. One that is missing
// here is the owner's alone.
var scopes = byOperation(map[kanban.Scope]string{
	kanban.ScopeRead: `
		ready metrics meta end-session inbox report gateway-status plan-dispatch list-holds list-accounts list-lanes list-settings
		list-boards show-board show-graph current-board board-stats diagnostics verify-board
		list-tasks list-cards show-task explain-task task-context list-comments show-plan
		list-runs show-run run-log stream-log get-artifact diff-task
		list-events stream-board list-subscriptions list-deliveries list-mutes list-places`,

	kanban.ScopeComment: `add-comment`,

	kanban.ScopeOperate: `
		create-task create-graph edit-task delete-task move-task bulk link-tasks unlink-tasks assign-task
		block-task unblock-task answer-task schedule-task promote-task raise-budget-task reclaim-task retry-task stop-task
		complete-task review-task approve-task reject-task reopen-task cancel-task archive-task unarchive-task
		specify-task decompose-task approve-plan reject-plan
		claim-task claim-next heartbeat-task exit-task test-lanes
		subscribe edit-subscription unsubscribe retry-deliveries replay-deliveries test-sink mute unmute dispatch pull resume`,

	kanban.ScopeAdmin: `
		create-board edit-board delete-board archive-board restore-board reopen-board reopen-home switch-board
		export-board import-board list-backups make-backup check-backup restore-backup
		checkup repair reload-gateway stop-gateway drain-gateway gc show-config edit-config
		list-tokens create-token revoke-token create-login
		show-chat connect-chat approve-guest edit-guest remove-guest`,
})

func byOperation(table map[kanban.Scope]string) map[string]kanban.Scope {
	all := map[string]kanban.Scope{}
	for scope, operations := range table {
		for _, id := range strings.Fields(operations) {
			all[id] = scope
		}
	}
	return all
}

// ofTheHome are the operations below no board that a credential for one board may
// ask for; they tell of that board only.
var ofTheHome = []string{"ready", "meta", "end-session", "list-boards", "inbox", "list-holds"}

// allowed refuses what a human's credential does not allow.
func allowed(a kanban.Actor, operation string) error {
	need, known := scopes[operation]
	if known && a.Scope >= need || a.Scope == scopeOwner {
		return nil
	}
	return kanban.Errorf(kanban.Unauthorized, "%s may not do %s: its scope is %s", a.Name, operation, a.Scope).
		Hint("it needs the scope %s: andon tokens create, andon dashboard --scope, or in a chat andon chat role", need)
}

// scopeOwner is what no credential holds: who comes through the unix socket may do all.
const scopeOwner = kanban.ScopeAdmin + 1

// within refuses to a credential for one board all that is not of that board.
func (s *server) within(ctx context.Context, operation string, r *http.Request) error {
	a := actor(ctx)
	if a.Board == "" || a.Kind != kanban.Human {
		return nil
	}
	if name := r.PathValue("board"); name != "" {
		_, err := s.slug(ctx, name)
		return err
	}
	if slices.Contains(ofTheHome, operation) {
		return nil
	}
	return kanban.Errorf(kanban.Unauthorized, "%s is for board %s alone, and %s is not", a.Name, a.Board, operation).
		Hint("a credential without --board can do it")
}
