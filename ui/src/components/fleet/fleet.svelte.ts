// All that works and waits, on all boards: asked for every few seconds, sooner
// when something happens, with the last lines of workers as they are written.
import { api, Refusal, type Account, type Card, type Gateway, type Hold, type Lane, type Report } from '../../lib/api'
import { board as shown } from '../../lib/board.svelte'
import { Live } from '../../lib/live.svelte'
import { whileSeen } from '../../lib/seen'
import { external } from '../../lib/foot'
import { session } from '../../lib/session.svelte'

export interface Worker {
  board: string
  card: Card
}

export interface LaneRow extends Lane {
  waiting: number // ready tasks, of all boards
}

export interface Wait {
  kind: string
  count: number
  more: boolean // there are others that were not looked at
  examples: { board: string; card: Card; reason: string; until: string }[]
}

const pace = 4000
const looked = 200 // ready tasks of a board whose gates are asked for
const rest = 10_000 // a page that nobody sees asks no longer than this
const streams = 2 // a browser has six connections for each host

class Fleet {
  gateway = $state.raw<Gateway | undefined>()
  lanes = $state.raw<LaneRow[]>([])
  accounts = $state.raw<Account[]>([])
  workers = $state.raw<Worker[]>([])
  waits = $state.raw<Wait[]>([])
  counts = $state.raw<Record<string, number>>({}) // of all boards, by status
  hour = $state.raw<Report | undefined>()
  day = $state.raw<Report | undefined>()
  problem = $state.raw<Refusal | undefined>()
  at = $state(0) // when it was so
  #lives: Live[]
  #followed: string[] = []
  #timer: ReturnType<typeof setTimeout> | undefined
  #sums: ReturnType<typeof setTimeout> | undefined
  #on = false

  constructor() {
    const heard = () => this.soon(300)
    this.#lives = Array.from({ length: streams }, () => new Live({ event: heard, gates: heard, reset: heard, gone: heard, inbox: (n) => (shown.inbox = n), line: (...l) => this.#line(...l) }))
  }

  // start reads until what it returns is called.
  start(): () => void {
    const end = whileSeen(() => this.#begin(), () => this.#rest(), rest)
    return () => {
      end()
      this.#followed = []
      for (const l of this.#lives) l.stop()
    }
  }

  #begin() {
    if (this.#on) return
    this.#on = true
    void this.read()
    void this.readSums()
  }

  #rest() {
    this.#on = false
    clearTimeout(this.#timer)
    clearTimeout(this.#sums)
  }

  soon(ms = 0) {
    clearTimeout(this.#timer)
    if (this.#on) this.#timer = setTimeout(() => void this.read(), ms)
  }

  async read() {
    try {
      const [gateway, accounts] = await Promise.all([api.gateway(), api.accounts()])
      const boards = gateway.boards ?? []
      const busy = boards.filter((b) => !b.problem && (b.counts.ready || b.counts.running))
      const asked = busy.length > 0 ? busy : boards.filter((b) => !b.problem).slice(0, 1)
      const parts = await Promise.all(
        asked.map(async (b) => {
          const [lanes, running, ready] = await Promise.all([
            api.lanes(b.slug),
            b.counts.running ? api.cards(b.slug, { status: ['running'], limit: 500 }) : undefined,
            b.counts.ready ? api.cards(b.slug, { status: ['ready'], limit: looked }) : undefined,
          ])
          return { slug: b.slug, lanes, running: running?.items ?? [], ready: ready?.items ?? [], total: ready?.counts.ready ?? 0, after: running?.latest_event ?? ready?.latest_event }
        }),
      )
      if (!this.#on) return
      this.gateway = gateway
      this.accounts = accounts
      session.holds = gateway.holds ?? []
      this.lanes = merged(parts.map((p) => p.lanes))
      this.workers = parts.flatMap((p) => p.running.map((card) => ({ board: p.slug, card }))).sort((a, b) => began(a) - began(b))
      this.waits = waits(parts)
      this.counts = summed(boards.map((b) => b.counts))
      this.problem = undefined
      this.at = Date.now()
      this.#follow(parts.flatMap((p) => (p.after === undefined ? [] : [{ slug: p.slug, after: p.after, busy: p.running.length }])))
    } catch (e) {
      if (!(e instanceof Refusal)) throw e
      this.problem = e
    }
    this.soon(pace)
  }

  // readSums asks for what changes slowly and costs more.
  async readSums() {
    const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString()
    try {
      ;[this.hour, this.day] = await Promise.all([api.report({ since: ago(1) }), api.report({ since: ago(24), by: ['hour'] })])
    } catch (e) {
      if (!(e instanceof Refusal)) throw e
    }
    clearTimeout(this.#sums)
    if (this.#on) this.#sums = setTimeout(() => void this.readSums(), 30_000)
  }

  #follow(boards: { slug: string; after: number; busy: number }[]) {
    const wanted = boards.sort((a, b) => b.busy - a.busy).slice(0, streams)
    if (wanted.every((b) => this.#followed.includes(b.slug))) return
    this.#followed = wanted.map((b) => b.slug)
    this.#lives.forEach((live, i) => (wanted[i] ? live.follow(wanted[i].slug, wanted[i].after) : live.stop()))
  }

  #line(task: string, run: number, line: string, at: string) {
    this.workers = this.workers.map((w) => (w.card.id === task && w.card.run?.id === run ? { ...w, card: { ...w.card, run: { ...w.card.run, last_line: line, last_output_at: at } } } : w))
  }
}

const began = (w: Worker) => Date.parse(w.card.run?.started_at ?? w.card.since)

function merged(boards: Lane[][]): LaneRow[] {
  const rows = new Map<string, LaneRow>()
  for (const l of boards.flat()) {
    const row = rows.get(l.name)
    if (!row) {
      rows.set(l.name, { ...l, waiting: l.counts.ready ?? 0 })
      continue
    }
    row.running += l.running
    row.waiting += l.counts.ready ?? 0
    row.counts = summed([row.counts, l.counts])
    const known = new Set(row.holds?.map((h) => h.scope + h.kind))
    row.holds = [...(row.holds ?? []), ...(l.holds ?? []).filter((h: Hold) => !known.has(h.scope + h.kind))]
  }
  return [...rows.values()].filter((l) => l.known || l.running > 0 || l.waiting > 0)
}

function summed(all: Record<string, number>[]): Record<string, number> {
  const sum: Record<string, number> = {}
  for (const counts of all) for (const [status, n] of Object.entries(counts)) sum[status] = (sum[status] ?? 0) + n
  return sum
}

// waits sorts ready tasks by the first gate that keeps each.
function waits(parts: { slug: string; ready: Card[]; total: number }[]): Wait[] {
  const by = new Map<string, Wait>()
  const more = parts.some((p) => p.total > p.ready.length)
  for (const p of parts) {
    for (const card of p.ready) {
      const gate = card.gates?.[0]
      const kind = gate?.kind === 'lane' && external(gate) ? 'claim' : (gate?.kind ?? '')
      const wait = by.get(kind) ?? { kind, count: 0, more, examples: [] }
      by.set(kind, wait)
      wait.count++
      if (wait.examples.length < 3) wait.examples.push({ board: p.slug, card, reason: gate?.reason ?? '', until: gate?.until ?? '' })
    }
  }
  return [...by.values()].sort((a, b) => b.count - a.count)
}

export const fleet = new Fleet()
