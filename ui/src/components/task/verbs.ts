// What is done to one task from its page and from the inbox: said, and undone
// where there is a way back.
import { api, Refusal, type Link, type Task } from '../../lib/api'
import { statusName } from '../../lib/format'
import { prompts } from '../../lib/prompts.svelte'
import { toasts } from '../../lib/toasts.svelte'
import { words as all, taskWords as words } from '../../lib/words'

export interface Of {
  board: string
  id: string
  title: string
  seen?: Task | undefined // as it is shown to who decides
  took?: (now: Task) => void // shows it as it has become
}

type Way = [verb: string, body?: unknown][] // one after the other

// act asks for a verb; false if it was refused.
export async function act(of: Of, verb: string, body?: unknown, back?: Way): Promise<boolean> {
  let now: Task
  try {
    now = await toasts.doing(asSeen(of, verb, body))
  } catch (e) {
    toasts.fail(e)
    return false
  }
  of.took?.(now)
  toasts.say((words.did[verb] ?? (() => words.saved))(of.title), back ? () => undo(of, back) : undefined)
  return true
}

async function undo(of: Of, back: Way) {
  try {
    let now: Task | undefined
    for (const [verb, body] of back) now = await api.act(of.board, of.id, verb, body)
    of.took?.(now!)
    toasts.note(all.undoneTo(of.title, now!.status))
  } catch (e) {
    toasts.fail(e, all.notUndone)
  }
}

// What is decided by what was seen, and what of it the decision is about: anything
// else may change meanwhile.
const decisions = new Set(['answer', 'approve', 'reject'])
const matters: (keyof Task)[] = ['status', 'current_run', 'block_kind', 'block_reason', 'revision', 'assignee']

// asSeen decides about what was seen, and again if that has changed only in what
// does not matter.
async function asSeen(of: Of, verb: string, body: unknown): Promise<Task> {
  const seen = decisions.has(verb) ? of.seen : undefined
  try {
    return await api.act(of.board, of.id, verb, body, seen?.version)
  } catch (e) {
    if (!seen || !(e instanceof Refusal) || e.code !== 'conflict') throw e
    const now = await api.task(of.board, of.id)
    if (now.version === seen.version) throw e
    of.took?.(now)
    if (matters.some((f) => now[f] !== seen[f])) throw new Refusal(words.changedMeanwhile(statusName(now.status), now.assignee), 409, 'conflict')
    return api.act(of.board, of.id, verb, body, now.version)
  }
}

export const stop = (of: Of) => act(of, 'stop', {}, [['unblock', {}]])
export const archive = (of: Of) => act(of, 'archive', undefined, [['unarchive']])
export const unarchive = (of: Of) => act(of, 'unarchive', undefined, [['archive']])

// What was cancelled comes back held; what could run before may run again.
const free = new Set(['todo', 'ready', 'running'])

export function cancel(of: Of) {
  prompts.ask({
    title: words.cancelTitle, text: words.cancelText, label: words.because, button: words.cancelDo,
    then: (reason) => void act(of, 'cancel', { reason }, free.has(of.seen?.status ?? '') ? [['unarchive'], ['unblock', {}]] : [['unarchive']]),
  })
}

export function reopen(of: Of) {
  prompts.ask({ title: words.reopenTitle, text: words.reopenText, label: words.because, button: words.reopenDo, then: (reason) => void act(of, 'reopen', { reason }) })
}

// force starts a task without what it waits for.
export function force(of: Of) {
  prompts.ask({ title: words.forceTitle, text: words.forceText, label: words.because, button: words.promoteDo, then: (reason) => void act(of, 'promote', { force: true, reason }) })
}

// letGo ends the waiting of tasks for a parent; it can be taken back.
export async function letGo(board: string, parent: string, children: string[]): Promise<boolean> {
  const were: Link[] = []
  try {
    for (const l of (await api.task(board, parent)).children) {
      if (!children.includes(l.child) || l.waived) continue
      await api.unlink(board, parent, l.child)
      were.push(l)
    }
  } catch (e) {
    toasts.fail(e)
    if (were.length === 0) return false
  }
  toasts.say(words.didLetGo(were.length), async () => {
    for (const l of were) await api.link(board, parent, l.child, l.when ?? '').catch((e) => toasts.fail(e))
  })
  return true
}

// deadParent finds in a gate's command the parent that was put away unfinished.
export const deadParent = (command: string) => /^andon (?:--board \S+ )?unarchive (t_\w+)/.exec(command)?.[1]

// amount reads 5, $5, 5USD, 500k and 2M tokens.
export function amount(said: string): { cost_usd: number } | { tokens: number } | undefined {
  const m = /^\$?\s*(\d+(?:[.,]\d+)?)\s*(k|m)?\s*(usd|tokens?)?$/i.exec(said.trim())
  if (!m) return undefined
  const n = Number(m[1]!.replace(',', '.'))
  const times = { k: 1e3, m: 1e6 }[(m[2] ?? '').toLowerCase()] ?? 1
  const inTokens = m[2] !== undefined || /^tok/i.test(m[3] ?? '')
  if (!(n > 0) || (inTokens && /^(\$|.*usd)/i.test(said.trim()))) return undefined
  return inTokens ? { tokens: Math.round(n * times) } : { cost_usd: n }
}

export function raise(of: Of, then: () => void = () => {}) {
  prompts.ask({
    title: words.raiseTitle, text: words.raiseText, label: words.raiseLabel, button: words.raiseDo,
    then: async (said) => {
      const more = amount(said)
      if (!more) return toasts.note(words.raiseNaN)
      if (await act(of, 'raise-budget', more)) then()
    },
  })
}

// opener finds in a gate's commands the one that a button can stand for.
export function opener(commands: string, id: string): { verb: string; force: boolean } | undefined {
  for (const command of commands.split('  or  ')) {
    const m = /^andon (?:--board \S+ )?(unblock|promote|retry|reopen|unarchive) (\S+)( .*)?$/.exec(command.trim())
    if (m && m[2] === id) return { verb: m[1]!, force: (m[3] ?? '').includes('--force') }
  }
  return undefined
}
