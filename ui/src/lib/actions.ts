// What a person does to cards: shown at once, undone rather than confirmed.
import { api, Refusal, type BulkRequest, type Card, type MoveRequest } from './api'
import { board } from './board.svelte'
import { displayed } from './rows'
import { prompts } from './prompts.svelte'
import { selection } from './selection.svelte'
import { session } from './session.svelte'
import { toasts } from './toasts.svelte'
import { words } from './words'

type Words = Pick<MoveRequest, 'reason' | 'summary'>
type Way = [id: string, back: MoveRequest]

// legal are the statuses to which all of these may go.
export function legal(ids: Iterable<string>): Set<string> {
  let all: Set<string> | undefined
  for (const id of ids) {
    const moves = board.cards.get(id)?.moves ?? []
    all = new Set(all === undefined ? moves : moves.filter((m) => all!.has(m)))
  }
  return all ?? new Set()
}

// move sends cards to a status. sure: whoever asks knows that there is no way back.
export async function move(ids: string[], to: string, why: Words = {}, sure = false): Promise<void> {
  const slug = board.slug
  const from = new Map(ids.flatMap((id) => (board.cards.has(id) ? [[id, board.cards.get(id)!] as const] : [])))
  ids = [...from.keys()].filter((id) => from.get(id)!.status !== to)
  if (ids.length === 0) return
  if (!why.reason && ids.some((id) => asksWhy(from.get(id)!, to))) return askWhy(ids, to, words.whyText(from.get(ids[0]!)!.status, to))
  const final = ids.find((id) => words.forGood[from.get(id)!.status]?.[to] !== undefined)
  if (!sure && final) return askFirst(ids, to, why, from.get(final)!.status)
  const moves = session.status(to)?.moves.map((m) => m.to) ?? []
  if (board.folded(to)) stepAside(ids)
  for (const id of ids) board.expect(id, { status: to, since: new Date().toISOString(), gates: [], moves })
  selection.follow(ids)
  await inTurn(ids, () => (ids.length > 1 ? moveMany(slug, ids, to, why) : moveOne(slug, ids[0]!, to, why)))
}

// stepAside leaves cards that go out of sight for their neighbour.
function stepAside(ids: string[]) {
  const c = board.column(board.cards.get(selection.cursor)?.status ?? '')
  if (!c || !ids.includes(selection.cursor)) return
  const order = displayed(c)
  const at = order.indexOf(selection.cursor)
  const stays = (id: string) => !ids.includes(id)
  selection.mark(order.slice(at).find(stays) ?? order.slice(0, at).findLast(stays) ?? '')
}

const turns = new Map<string, Promise<void>>() // by task, what was asked for last

// inTurn asks for one change of these tasks after the other: what is done to a card
// before the answer to what was done before.
function inTurn(ids: string[], ask: () => Promise<void>): Promise<void> {
  const done = Promise.allSettled(ids.map((id) => turns.get(id))).then(ask)
  for (const id of ids) turns.set(id, done)
  const ended = done.finally(() => {
    for (const id of ids) if (turns.get(id) === done) turns.delete(id)
  })
  return toasts.doing(ended)
}

async function moveOne(slug: string, id: string, to: string, why: Words) {
  try {
    const moved = await api.move(slug, id, { to, ...why })
    board.settle(id, moved)
    toasts.say(words.moved(1, to, moved.title), wayOf(slug, moved.undo ? [[id, moved.undo]] : []))
  } catch (e) {
    board.settle(id, undefined)
    if (needsReason(e, why)) return askWhy([id], to, e.message)
    toasts.fail(e, words.notMoved(1))
  }
}

async function moveMany(slug: string, ids: string[], to: string, why: Words) {
  const { done, back, refusals } = await bulk(slug, { ids, action: 'move', to, ...why })
  const unsaid = refusals.filter((r) => needsReason(r.refusal, why))
  const rest = refusals.filter((r) => !unsaid.includes(r))
  if (done.length > 0) toasts.say(words.moved(done.length, to, done[0]?.title), wayOf(slug, back))
  if (rest.length > 0) left(words.notMoved(rest.length), rest, done.map((c) => c.id))
  if (unsaid.length > 0) askWhy(unsaid.map((r) => r.id), to, unsaid[0]!.refusal.message)
}

interface Left {
  id: string
  refusal: Refusal
}

// left tells which tasks were left as they were, and why. They stay selected, what
// was done does not.
function left(what: string, all: Left[], done: string[]) {
  toasts.failEach(what, all.map((r) => ({ title: board.cards.get(r.id)?.title ?? r.id, why: r.refusal })))
  for (const id of done) selection.ids.delete(id)
}

// asksWhy: to go on without parents, or to send work back, takes a reason.
function asksWhy(c: Card, to: string): boolean {
  if (to === 'ready' && c.gates?.some((g) => g.kind === 'dependency')) return true
  return session.status(c.status)?.moves.some((m) => m.to === to && m.reason) ?? false
}

// needsReason: the server asks why, and nobody has said.
const needsReason = (e: unknown, why: Words): e is Refusal => e instanceof Refusal && e.status === 422 && e.code === 'invalid' && !why.reason

function askWhy(ids: string[], to: string, because: string) {
  prompts.ask({ title: words.whyTitle(ids.length, to), text: because, label: words.reason, button: words.move, then: (reason) => void move(ids, to, { reason }, true) })
}

// askFirst says what a move does that cannot be taken back.
function askFirst(ids: string[], to: string, why: Words, from: string) {
  const text = words.forGood[from]![to]!(ids.length)
  prompts.ask({ title: words.whyTitle(ids.length, to), text, button: words.move, then: () => void move(ids, to, why, true) })
}

const wayOf = (slug: string, back: Way[]) => (back.length > 0 ? () => undo(slug, back) : undefined)

const takenBack = new Map<string, number>() // versions of cards after that, with which an earlier move can be taken back, too

// undo takes moves back, those that nobody has changed since.
async function undo(slug: string, back: Way[]) {
  const failed: Left[] = []
  const done: Card[] = []
  const queue = [...back]
  const worker = async () => {
    for (let next = queue.pop(); next; next = queue.pop()) {
      const [id, asked] = next
      const now = takenBack.get(id)
      const request = now !== undefined && now === board.cards.get(id)?.version ? { ...asked, version: now } : asked
      try {
        if (slug === board.slug) board.expect(id, { status: request.to })
        selection.follow([id])
        const card = await api.move(slug, id, request)
        if (slug === board.slug) board.settle(id, card)
        takenBack.set(id, card.version)
        done.push(card)
      } catch (e) {
        if (!(e instanceof Refusal)) throw e
        if (slug === board.slug) board.settle(id, undefined)
        failed.push({ id, refusal: e })
      }
    }
  }
  await Promise.all([worker(), worker(), worker(), worker()])
  if (done.length > 0) toasts.note(done.length === 1 ? words.undoneTo(done[0]!.title, done[0]!.status) : words.undoneMoves(done.length))
  if (failed.length > 0) left(words.notUndone, failed, [])
}

// bulk does the same to many, as many at once as the server takes.
async function bulk(slug: string, r: BulkRequest): Promise<{ done: Card[]; back: Way[]; gone: string[]; refusals: Left[] }> {
  const out = { done: [] as Card[], back: [] as Way[], gone: [] as string[], refusals: [] as Left[] }
  const most = 500
  for (let at = 0; at < r.ids.length; at += most) {
    const ids = r.ids.slice(at, at + most)
    try {
      for (const result of await api.bulk(slug, { ...r, ids })) {
        if (slug === board.slug) board.settle(result.id, result.card)
        if (result.undo) out.back.push([result.id, result.undo])
        if (result.ok && result.card) out.done.push(result.card)
        else if (result.ok) out.gone.push(result.id)
        else {
          const p = result.problem!
          out.refusals.push({ id: result.id, refusal: new Refusal(p.detail, p.status, p.code, p.hint, p.retryable) })
        }
      }
    } catch (e) {
      if (!(e instanceof Refusal)) throw e
      for (const id of ids) {
        if (slug === board.slug) board.settle(id, undefined)
        out.refusals.push({ id, refusal: e })
      }
    }
  }
  return out
}

// each does one thing to the cards and says so, with the way back if there is one.
export function each(r: BulkRequest): Promise<void> {
  const was = new Map(r.ids.map((id) => [id, board.cards.get(id)]))
  if (r.action === 'archive' || r.action === 'delete') stepAside(r.ids)
  if (r.action === 'archive') for (const id of r.ids) board.expect(id, { status: 'archived', gates: [], moves: [] })
  if (r.action === 'priority') for (const id of r.ids) board.expect(id, { priority: r.priority! })
  if (r.action === 'assign') for (const id of r.ids) board.expect(id, { lane: r.lane ?? '' })
  return inTurn(r.ids, () => eachOf(r, was))
}

async function eachOf(r: BulkRequest, was: Map<string, Card | undefined>) {
  const slug = board.slug
  const { done, back, gone, refusals } = await bulk(slug, r)
  const ids = done.map((c) => c.id)
  for (const id of gone) {
    board.drop(id)
    selection.ids.delete(id)
  }
  const n = done.length + gone.length
  if (n > 0) toasts.say(words.did[r.action](n, (done[0] ?? was.get(gone[0]!))?.title), wayOf(slug, back) ?? way(slug, r, ids, was))
  if (refusals.length > 0) left(words.notDone(refusals.length), refusals, ids)
}

// way is the way back of what each did, undefined if there is none.
function way(slug: string, r: BulkRequest, ids: string[], was: Map<string, Card | undefined>): (() => Promise<void>) | undefined {
  const groups = new Map<string, BulkRequest>()
  for (const id of ids) {
    const c = was.get(id)
    if (!c) return undefined
    let back: BulkRequest
    if (r.action === 'priority') back = { ids: [], action: 'priority', priority: c.priority }
    else if (r.action === 'assign') back = { ids: [], action: 'assign', lane: c.lane }
    else return undefined
    const key = JSON.stringify(back)
    groups.set(key, { ...back, ids: [...(groups.get(key)?.ids ?? []), id] })
  }
  return async () => {
    for (const back of groups.values()) {
      const { refusals } = await bulk(slug, back)
      if (refusals.length > 0) return left(words.notUndone, refusals, [])
    }
    toasts.note(words.undoneMoves(ids.length, was.get(ids[0]!)?.title))
  }
}
