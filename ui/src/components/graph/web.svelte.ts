// The linked tasks of a board, kept true by its stream. A change of a task
// changes its node; only new links lay the graph out anew.
import { SvelteMap } from 'svelte/reactivity'
import { api, Refusal, type Card, type Link } from '../../lib/api'
import { board } from '../../lib/board.svelte'
import { Live } from '../../lib/live.svelte'

export interface Scope {
  root: string
  finished: boolean
}

export class Web {
  cards = new SvelteMap<string, Card>()
  order = $state.raw<string[]>([]) // parents before children
  links = $state.raw<Link[]>([])
  leftOut = $state(0)
  ready = $state(false)
  problem = $state.raw<Refusal | undefined>()
  live: Live
  #slug = ''
  #scope: Scope = { root: '', finished: false }
  #asked = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor() {
    this.live = new Live({
      event: (e, card) => this.#heard(e.task, card),
      gates: (cards) => cards.forEach((c) => this.#heard(c.id, c)),
      line: (task, run, line, at) => {
        const c = this.cards.get(task)
        if (c?.run?.id === run) this.cards.set(task, { ...c, run: { ...c.run, last_line: line, last_output_at: at } })
      },
      inbox: (count) => (board.inbox = count),
      reset: () => this.#soon(),
      gone: () => {
        this.ready = false
        void this.load()
      },
    })
  }

  show(slug: string, scope: Scope) {
    if (slug !== this.#slug) {
      this.live.stop()
      this.ready = false
    }
    this.#slug = slug
    this.#scope = scope
    void this.load()
  }

  leave() {
    clearTimeout(this.#timer)
    this.#asked++
    this.live.stop()
  }

  async load() {
    const asked = ++this.#asked
    clearTimeout(this.#timer)
    this.#timer = undefined
    try {
      const g = await api.graph(this.#slug, this.#scope)
      if (asked !== this.#asked) return
      this.cards.clear()
      for (const c of g.items) this.cards.set(c.id, c)
      this.links = g.links
      this.order = ordered(g.items.map((c) => c.id), g.links)
      this.leftOut = g.left_out ?? 0
      this.problem = undefined
      this.ready = true
      this.live.follow(this.#slug, g.latest_event)
    } catch (e) {
      if (asked !== this.#asked) return
      if (!(e instanceof Refusal)) throw e
      this.problem = e
      if (e.retryable) this.#timer = setTimeout(() => void this.load(), 2000)
    }
  }

  #soon() {
    this.#timer ??= setTimeout(() => void this.load(), 400)
  }

  #heard(id: string, card: Card | null) {
    const known = this.cards.get(id)
    if (!known) {
      if (card && (card.parents > 0 || card.children)) this.#soon()
      return
    }
    if (card && card.version < known.version) return
    if (!card || card.status === 'archived' || card.parents !== known.parents || card.children?.total !== known.children?.total) this.#soon()
    if (card) this.cards.set(id, card)
  }
}

export const web = new Web()

// ordered puts parents before their children.
function ordered(ids: string[], links: Link[]): string[] {
  const waits = new Map(ids.map((id) => [id, 0]))
  const children = new Map<string, string[]>()
  for (const l of links) {
    waits.set(l.child, (waits.get(l.child) ?? 0) + 1)
    children.set(l.parent, [...(children.get(l.parent) ?? []), l.child])
  }
  const free = ids.filter((id) => waits.get(id) === 0)
  for (let i = 0; i < free.length; i++) {
    for (const c of children.get(free[i]!) ?? []) {
      const left = waits.get(c)! - 1
      waits.set(c, left)
      if (left === 0) free.push(c)
    }
  }
  return free.length === ids.length ? free : ids
}

// critical is the longest chain of tasks that are yet to be done, each waiting
// for the one before it.
export function critical(order: string[], links: Link[], cards: ReadonlyMap<string, Card>): string[] {
  const open = (id: string) => cards.has(id) && cards.get(id)!.status !== 'done' && cards.get(id)!.status !== 'archived'
  const parents = new Map<string, string[]>()
  for (const l of links) if (!l.waived && open(l.parent) && open(l.child)) parents.set(l.child, [...(parents.get(l.child) ?? []), l.parent])
  const best = new Map<string, { length: number; from: string }>()
  let end = ''
  for (const id of order) {
    if (!open(id)) continue
    let here = { length: 1, from: '' }
    for (const p of parents.get(id) ?? []) {
      const length = (best.get(p)?.length ?? 0) + 1
      if (length > here.length) here = { length, from: p }
    }
    best.set(id, here)
    if (here.length > (best.get(end)?.length ?? 1)) end = id
  }
  const chain: string[] = []
  for (let id = end; id !== ''; id = best.get(id)!.from) chain.unshift(id)
  return chain
}
