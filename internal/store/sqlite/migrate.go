package sqlite

// step is one rung of the migration ladder, run in a transaction of its own.
type step struct {
	name string
	up   func(c *conn) error
}
