// Package planner turns an idea in triage into a text that a worker can start
// from (specify), or into children that do the work before it (decompose).
//
//	andon decompose ─▶ plan_asked ──▶ Planner ──▶ Mind ──▶ Parse ──▶ plan_proposed ──▶ a human ──▶ decomposed
//	auto, a new task ─────────────────▲   │  a model, or a lane          │                              ▲
//	                          retry_at │   └──▶ plan_failed               └── approved before, or auto ──┘
//
// What was asked for, what failed and what was proposed stands in the task's
// events, so a planner that is killed goes on where it was, and a plan that was
// made is not paid for twice. Nothing of it is in the way of the dispatcher: the
// planner is a part of the gateway of its own, and hears of changes as others do.
package planner
