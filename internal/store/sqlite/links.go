package sqlite

import "github.com/andon-dev/andon/internal/kanban"

const linkColumns = "parent_id, child_id, andon_waived, andon_waived_by, andon_waived_reason, andon_when"

func scanLink(c *columns) kanban.Link {
	return kanban.Link{Parent: c.text(), Child: c.text(), Waived: c.bool(), WaivedBy: c.text(), WaivedReason: c.text(), When: kanban.When(c.text())}
}

// The joins leave out edges to tasks that do not exist.
const (
	parents = "SELECT " + linkColumns + ` FROM task_links l CROSS JOIN tasks p ON p.id = l.parent_id
		WHERE child_id = ? ORDER BY parent_id`
	children = "SELECT " + linkColumns + ` FROM task_links l CROSS JOIN tasks c ON c.id = l.child_id
		WHERE parent_id = ? ORDER BY child_id`
)

func (r reader) Parents(child string) ([]kanban.Link, error) {
	return list(r.c, parents, []any{child}, scanLink)
}

func (r reader) Children(parent string) ([]kanban.Link, error) {
	return list(r.c, children, []any{parent}, scanLink)
}

// promotable states kanban.Link.Satisfied in SQL.
const (
	isDone = `(p.status = 'done' OR p.status = 'archived' AND (p.andon_closed = 'done'
		OR p.andon_closed = '' AND CAST(ifnull(p.completed_at, 0) AS INTEGER) > 0))`
	hasEnded = `(p.status IN ('done', 'archived') OR p.status = 'blocked' AND p.andon_block_kind = 'breaker')`

	promotable = `SELECT id FROM tasks t
	WHERE status = 'todo' AND NOT EXISTS (
		SELECT 1 FROM task_links l CROSS JOIN tasks p ON p.id = l.parent_id
		WHERE l.child_id = t.id AND l.andon_waived = 0 AND NOT CASE l.andon_when
			WHEN 'any' THEN ` + hasEnded + `
			WHEN 'failed' THEN ` + hasEnded + ` AND NOT ` + isDone + ` AND NOT (p.status = 'archived' AND p.andon_closed = 'not_needed')
			ELSE ` + isDone + ` END)
	ORDER BY ` + priority + ` DESC, ` + born + `, rowid LIMIT ?1`
)

func (r reader) Promotable(limit int) ([]string, error) {
	return list(r.c, promotable, []any{most(limit)}, (*columns).text)
}

func (t tx) PutLink(l kanban.Link) error {
	return t.c.exec("INSERT INTO task_links ("+linkColumns+`) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
		ON CONFLICT (parent_id, child_id) DO UPDATE
		SET andon_waived = ?3, andon_waived_by = ?4, andon_waived_reason = ?5, andon_when = ?6`,
		l.Parent, l.Child, l.Waived, l.WaivedBy, l.WaivedReason, string(l.When))
}

func (t tx) DeleteLink(parent, child string) error {
	err := t.c.exec("DELETE FROM task_links WHERE parent_id = ? AND child_id = ?", parent, child)
	if err == nil && t.c.changes() == 0 {
		return kanban.Errorf(kanban.NotFound, "%s does not wait for %s", child, parent).Hint("andon show %s  lists its parents", child)
	}
	return err
}
