package storetest

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Open returns a fresh, empty board and closes it when t ends.
type Open func(t *testing.T) store.Store

// Run tests everything that the port promises of a Store.
func Run(t *testing.T, open Open) {
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
	t.Run("Model", func(t *testing.T) { modelTest(t, open) })
}

var tests = map[string]func(*testing.T, store.Store){
	"Update/ErrorKeepsNothing":     errorKeepsNothing,
	"Update/PanicKeepsNothing":     panicKeepsNothing,
	"Update/ReadsItsWrites":        readsItsWrites,
	"Update/CancelledWait":         cancelledWait,
	"Update/OneAfterAnother":       oneAfterAnother,
	"View/IsOneSnapshot":           viewIsOneSnapshot,
	"Changes/FollowCommits":        changesFollowCommits,
	"Meta":                         meta,
	"Operations":                   operations,
	"Task/EveryFieldIsKept":        taskEveryField,
	"Task/ZeroFieldsStayZero":      taskZeroFields,
	"Task/Skills":                  taskSkills,
	"Task/Verify":                  taskVerify,
	"Task/Codes":                   taskCodes,
	"Task/VersionGrows":            taskVersionGrows,
	"Task/IDsByPrefix":             taskIDsByPrefix,
	"Task/DeleteTakesWhatIsItsOwn": taskDelete,
	"Task/Keys":                    taskKeys,
	"Task/MadeBy":                  taskMadeBy,
	"Task/Tenants":                 taskTenants,
	"Task/Labels":                  taskLabels,
	"Ready/PriorityThenAge":        readyOrder,
	"Ready/Conditions":             readyConditions,
	"Due":                          dueTasks,
	"Promotable/Satisfaction":      promotableSatisfaction,
	"Links":                        links,
	"Stats":                        stats,
	"List/Orders":                  listOrders,
	"List/Filters":                 listFilters,
	"List/Text":                    listText,
	"List/TextsOnlyIfFull":         listFull,
	"List/CursorOverChanges":       listCursorOverChanges,
	"List/Refusals":                listRefusals,
	"Cards/Counts":                 cardCounts,
	"Cards/Beside":                 cardBeside,
	"Cards/MovedAt":                cardMovedAt,
	"Run/EveryFieldIsKept":         runEveryField,
	"Run/Codes":                    runCodes,
	"Run/Live":                     runLive,
	"Run/Recent":                   runRecent,
	"Usage/Spent":                  usageSpent,
	"Usage/Effort":                 usageEffort,
	"Usage/Waits":                  usageWaits,
	"Artifacts":                    artifacts,
	"Comments":                     comments,
	"Events/EveryFieldIsKept":      eventEveryField,
	"Events/Queries":               eventQueries,
	"Events/IDsAreNotReused":       eventIDsNotReused,
	"Outbox/Subscriptions":         subscriptions,
	"Outbox/Inheritance":           inheritance,
	"Outbox/Deliveries":            deliveries,
	"Outbox/Destinations":          destinations,
	"Outbox/Posts":                 posts,
	"Outbox/Newest":                newest,
	"Prune":                        prune,
	"Prune/Notify":                 pruneNotify,
	"Whole/StopsAtAnError":         wholeStops,
}

// t0 is when the tests begin. Its odd milliseconds show whether they are kept.
var t0 = time.Date(2026, 11, 23, 10, 0, 0, int(123*time.Millisecond), time.UTC)

// get is for what must not fail. The panic ends the transaction around it, and
// so the test.
func get[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func do(err error) {
	if err != nil {
		panic(err)
	}
}

// write runs fn in an Update that must succeed.
func write(t *testing.T, s store.Store, fn func(tx store.Tx)) {
	t.Helper()
	if err := s.Update(context.Background(), func(tx store.Tx) error { fn(tx); return nil }); err != nil {
		t.Fatalf("update: %v", err)
	}
}

// read runs fn in a View that must succeed.
func read(t *testing.T, s store.Store, fn func(r store.Reader)) {
	t.Helper()
	if err := s.View(context.Background(), func(r store.Reader) error { fn(r); return nil }); err != nil {
		t.Fatalf("view: %v", err)
	}
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func wantCode(t *testing.T, what string, err error, code kanban.Code) {
	t.Helper()
	if got := kanban.CodeOf(err); got != code {
		t.Errorf("%s: code %q (%v), want %q", what, got, err, code)
	}
}

// task is a minimal one; change may set more.
func task(id string, change ...func(*kanban.Task)) kanban.Task {
	t := kanban.Task{
		ID: id, Title: id, Status: kanban.Ready, Assignee: "builder", CreatedAt: t0, UpdatedAt: t0,
		Workspace: kanban.Workspace{Kind: kanban.Scratch},
	}
	for _, c := range change {
		c(&t)
	}
	return t
}

func status(s kanban.Status) func(*kanban.Task) { return func(t *kanban.Task) { t.Status = s } }

func ids(tasks []kanban.Task) []string {
	out := make([]string, len(tasks))
	for i, t := range tasks {
		out[i] = t.ID
	}
	return out
}

// filled fails unless every field is set, so that a field which is new in the
// domain cannot be forgotten in an adapter.
func filled(t *testing.T, v any) {
	t.Helper()
	r := reflect.ValueOf(v)
	for i := range r.NumField() {
		if r.Field(i).IsZero() {
			t.Fatalf("this test must set %s.%s", r.Type(), r.Type().Field(i).Name)
		}
	}
}
