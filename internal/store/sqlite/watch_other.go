//go:build !linux

package sqlite

// notifier never tells anything here: kqueue would have to open and close the
// very files that only SQLite may open. The timer alone notices others' commits.
type notifier struct{ changed chan string }

func newNotifier() *notifier           { return &notifier{} }
func (n *notifier) watch(string) error { return nil }
func (n *notifier) forget(string)      {}
func (n *notifier) close() error       { return nil }
