// Package board holds the use cases: the single door through which a board
// changes. Each mutation is one function, and one transaction that holds the
// change, its event and its outbox rows.
//
//	surface ──▶ use case ──▶ mutate ──▶ store.Update
//	                          │  operation id known? answer as before
//	                          │  fence: (task, run, token) still current?
//	                          │  move: kanban.Next says where the status goes
//	                          │  record: event, and a delivery per subscription
//	                          └─ promote: children that waited only for this
//
// A worker's writes carry its lease; everybody else's carry who they are.
// Rules of status stand in kanban, of retry in policy.
package board
