// Package prime holds the protocols of agents as short texts, and puts them
// where agent programs look for such texts: a skill, or a section of AGENTS.md.
//
//	worker.md ───────┐            ┌─▶ andon prime --role worker
//	                 ├─ Text ─────┤
//	orchestrator.md ─┘     │      └─▶ the instructions of an MCP server
//	                       └ Plan ──▶ .claude/skills/andon/SKILL.md
//	                                  .agents/skills/andon/SKILL.md
//	                                  AGENTS.md, between two markers
package prime
