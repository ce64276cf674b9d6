// The last line of a card: what it does, or what it waits for.
import type { Card, Gate } from './schema'
import { words } from './words'

export interface Foot {
  kind: 'line' | 'gate' | 'question' | 'failed' | 'plain'
  text: string // short enough for a card where it can be
  whole?: string // all that there is to say
  until?: string
}

export function foot(c: Card): Foot | undefined {
  if (c.run) return { kind: 'line', text: c.run.last_line || words.starting }
  if (c.status === 'blocked' && c.reason) return { kind: blocks[c.block_kind ?? ''] ?? 'failed', text: c.reason }
  if (c.gates?.length && waits.has(c.status)) return gate(c, c.gates)
  if (c.failed) return { kind: 'failed', text: words.failedTimes(c.failed) }
  if (c.status === 'archived' && c.reason) return { kind: 'plain', text: c.reason }
  if (c.status === 'review' && c.reviewer) return { kind: 'plain', text: words.reviewBy(c.reviewer) }
  return undefined
}

const blocks: Record<string, Foot['kind']> = { needs_input: 'question', operator: 'gate', dependency: 'gate', transient: 'gate' }
const waits = new Set(['todo', 'scheduled', 'ready', 'blocked', 'review'])

function gate(c: Card, gates: Gate[]): Foot {
  const [first, ...rest] = gates
  const whole = gates.map((g) => g.reason).join('; ')
  const parents = gates.filter((g) => g.kind === 'dependency').flatMap((g) => g.reason.match(/\bt_\w+/) ?? [])
  if (parents.length > 0) return { kind: 'gate', text: words.waitingFor(parents), whole }
  if (first!.kind === 'schedule' && first!.until) return { kind: 'gate', text: '', until: first!.until }
  if (first!.kind === 'lane' && rest.length === 0) return { kind: 'gate', text: lane(c, first!), whole }
  const more = rest.length > 0 ? ` +${rest.length}` : ''
  return { kind: 'gate', text: first!.reason.replace(/^it (is )?/, '') + more, whole, ...(first!.until ? { until: first!.until } : {}) }
}

function lane(c: Card, g: Gate): string {
  if (c.lane === '') return words.needsLane
  return external(g) ? words.waitsForClaim : words.noSuchLane
}

// external tells that a lane's gate is that others start its workers.
export const external = (g: Gate) => g.command?.startsWith('andon run ') ?? false
