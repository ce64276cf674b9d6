// The last line of a card: what it does, or what it waits for.
import type { Card, Gate } from './schema'
import { words } from './words'

export interface Foot {
  kind: 'line' | 'gate' | 'question' | 'failed' | 'plain'
  text: string
  until?: string
}

export function foot(c: Card): Foot | undefined {
  if (c.run) return { kind: 'line', text: c.run.last_line || words.starting }
  if (c.status === 'blocked' && c.reason) return { kind: blocks[c.block_kind ?? ''] ?? 'failed', text: c.reason }
  if (c.gates?.length && waits.has(c.status)) return gate(c.gates)
  if (c.failed) return { kind: 'failed', text: words.failedTimes(c.failed) }
  if (c.status === 'archived' && c.reason) return { kind: 'plain', text: c.reason }
  if (c.status === 'review' && c.reviewer) return { kind: 'plain', text: words.reviewBy(c.reviewer) }
  return undefined
}

const blocks: Record<string, Foot['kind']> = { needs_input: 'question', operator: 'gate', dependency: 'gate', transient: 'gate' }
const waits = new Set(['todo', 'scheduled', 'ready', 'blocked', 'review'])

function gate(gates: Gate[]): Foot {
  const [first, ...rest] = gates
  const parents = gates.filter((g) => g.kind === 'dependency').flatMap((g) => g.reason.match(/\bt_\w+/) ?? [])
  if (parents.length > 0) return { kind: 'gate', text: words.waitingFor(parents) }
  if (first!.kind === 'schedule' && first!.until) return { kind: 'gate', text: '', until: first!.until }
  const more = rest.length > 0 ? ` +${rest.length}` : ''
  return { kind: 'gate', text: first!.reason.replace(/^it (is )?/, '') + more, ...(first!.until ? { until: first!.until } : {}) }
}
