// One board as it is shown: columns of cards, loaded page by page, kept true by
// the stream. An event changes what it tells of; it never loads the board again.
import { SvelteMap, SvelteSet } from 'svelte/reactivity'
import { api, Refusal, type Card, type Event, type Meta } from './api'
import { Live } from './live.svelte'
import { before, insert, sortOf } from './order'
import { keep, recall } from './remember.svelte'
import { session } from './session.svelte'

export interface Filter {
  text: string
  lane: string
  tenant: string
  label: string
  parent: string
}

const first = 60
const more = 500
const most = 1000 // that the server gives at once
const still = new Set(['commented', 'heartbeat']) // events that move no card
const seldom = new Set(['triage', 'scheduled', 'review'])

export class Column {
  ids = $state.raw<string[]>([])
  total = $state(0)
  loaded = $state(false)
  hurried = $state(false) // somebody waits for its end to be loaded
  changes = $state(0) // of its cards and their order: what is drawn depends on this, not on each of ten thousand cards
  loading: Promise<boolean> | undefined
  next = '' // cursor of what is not loaded yet

  constructor(readonly status: string) {}

  // used: there has been something in it, so it does not fold under somebody's hand.
  #used = false
  get used() {
    return (this.#used ||= this.total > 0)
  }

  // whole: nothing is left to load.
  get whole() {
    return this.loaded && this.next === ''
  }
}

export class BoardState {
  slug = $state('')
  columns = $state.raw<Column[]>([])
  cards = new SvelteMap<string, Card>()
  pending = new SvelteMap<string, Card>() // as they were before a change that is not answered yet
  fresh = new SvelteSet<string>() // what came or moved just now
  tenants = new SvelteSet<string>() // that its tasks have
  labels = new SvelteSet<string>()
  folds = $state<Record<string, boolean>>({}) // by somebody's will
  inbox = $state(-1) // what waits for a human; -1 = not known
  problem = $state.raw<Refusal | undefined>()
  ready = $state(false)
  live: Live
  heard = new Set<(e: Event | undefined, card?: Card | null) => void>() // who else wants to know what happens; undefined: something was missed
  #filter = $state.raw<Filter>({ text: '', lane: '', tenant: '', label: '', parent: '' })
  #meta: Meta | undefined
  #abort = new AbortController()
  #queue = new Map<string, Card | null>()
  #born = new Set<string>() // created since: no column has lost them
  #frame = 0
  #counting: ReturnType<typeof setTimeout> | undefined

  constructor() {
    this.live = new Live({
      event: (e, card) => {
        if (!e.task || (still.has(e.kind) && !this.cards.has(e.task))) return
        if (e.kind === 'created') this.#born.add(e.task)
        this.#enqueue(e.task, card)
        for (const tell of this.heard) tell(e, card)
      },
      gates: (cards) => {
        for (const c of cards) this.#enqueue(c.id, c)
        session.heldElsewhere()
      },
      line: (task, run, line, at) => {
        const c = this.#queue.get(task) ?? this.cards.get(task)
        if (c?.run && c.run.id === run) this.#enqueue(task, { ...c, run: { ...c.run, last_line: line, last_output_at: at } })
      },
      inbox: (count) => (this.inbox = count),
      reset: () => {
        void this.load()
        for (const tell of this.heard) tell(undefined)
      },
      gone: () => {
        this.ready = false
        void this.load()
        for (const tell of this.heard) tell(undefined)
      },
      back: () => {
        void this.#readGates()
        void this.countInbox()
      },
    })
  }

  async countInbox() {
    if (!session.may('inbox')) return
    const items = await api.inbox().catch(() => undefined)
    if (items) this.inbox = items.length
  }

  // readGates asks for what has changed without an event while nobody listened.
  async #readGates() {
    const slug = this.slug
    const page = await api.cards(slug, { ...this.#filter, status: ['ready'] }).catch(() => undefined)
    if (slug === this.slug) for (const card of page?.items ?? []) this.put(card)
    session.heldElsewhere()
  }

  // show makes this the board that is shown, under a filter.
  show(slug: string, meta: Meta, filter: Filter) {
    const same = slug === this.slug && this.#meta === meta && JSON.stringify(filter) === JSON.stringify(this.#filter)
    if (same) return
    if (slug !== this.slug) {
      this.live.stop()
      this.tenants.clear()
      this.labels.clear()
      this.folds = recall(`folds.${slug}`, {})
      void api.board(slug).then((b) => slug === this.slug && this.#name(b.tenants, b.labels), () => {})
    }
    this.slug = slug
    this.#meta = meta
    this.#filter = { ...filter }
    void this.load()
  }

  // name makes the tenants and labels that there are known to filters.
  #name(tenants: string[] | null | undefined, labels: string[] | null | undefined) {
    for (const t of tenants ?? []) if (t !== '') this.tenants.add(t)
    for (const l of labels ?? []) this.labels.add(l)
  }

  leave() {
    this.#abort.abort()
    this.live.stop()
    this.slug = ''
    this.ready = false
  }

  get filtered() {
    return Object.values(this.#filter).some((v) => v !== '')
  }

  // load reads the first page of every open column, and follows from there.
  async load() {
    this.#abort.abort()
    const abort = (this.#abort = new AbortController())
    const columns = this.#meta!.statuses.map((s) => new Column(s.name))
    try {
      const pages = await Promise.all(
        columns.map((c) => ((this.folds[c.status] ?? c.status === 'archived') ? undefined : this.#page(c, first, abort.signal))),
      )
      const known = pages.find((p) => p) ?? (await this.#page(columns[0]!, 1, abort.signal))
      if (abort.signal.aborted) return
      this.cards.clear()
      this.#queue.clear()
      this.#born.clear()
      columns.forEach((c, i) => {
        c.total = known.counts[c.status] ?? pages[i]?.counts[c.status] ?? 0
        const page = pages[i]
        if (page) this.#take(c, page.items, page.next)
      })
      this.columns = columns
      this.problem = undefined
      this.ready = true
      // The oldest page decides: what a younger one has already is told twice, and once changes nothing.
      const after = Math.min(...pages.flatMap((p) => (p ? [p.latest_event] : [])), known.latest_event)
      this.live.follow(this.slug, after)
    } catch (e) {
      if (abort.signal.aborted) return
      if (!(e instanceof Refusal)) throw e
      this.problem = e
      if (e.retryable) setTimeout(() => !abort.signal.aborted && void this.load(), 2000)
    }
  }

  #page(c: Column, limit: number, signal: AbortSignal) {
    return api.cards(this.slug, { ...this.#filter, status: [c.status], sort: sortOf(c.status), limit, cursor: c.next }, signal)
  }

  #take(c: Column, cards: Card[], next: string) {
    const have = new Set(c.ids)
    for (const card of cards) {
      const known = this.cards.get(card.id)
      if (!known || known.version <= card.version) this.cards.set(card.id, card)
      this.#name([card.tenant ?? ''], card.labels)
    }
    c.ids = [...c.ids, ...cards.filter((x) => !have.has(x.id) && this.cards.get(x.id)!.status === c.status).map((x) => x.id)]
    c.next = next
    c.loaded = true
    c.changes++
  }

  // want loads more of a column, as it is scrolled to; false if nothing came.
  want(c: Column): Promise<boolean> {
    if (c.whole) return Promise.resolve(false)
    return (c.loading ??= this.#more(c).finally(() => (c.loading = undefined)))
  }

  async #more(c: Column): Promise<boolean> {
    const abort = this.#abort.signal
    try {
      const page = await this.#page(c, c.hurried ? most : c.loaded ? more : first, abort)
      if (abort.aborted || !this.columns.includes(c)) return false
      this.#take(c, page.items, page.next)
      c.total = Math.max(page.counts[c.status] ?? 0, c.ids.length)
      return true
    } catch (e) {
      if (!abort.aborted && !(e instanceof Refusal)) throw e
      return false
    }
  }

  // wantAll loads a column to its end; false if that was not reached.
  async wantAll(c: Column): Promise<boolean> {
    c.hurried = true
    while (!c.whole && (await this.want(c)));
    c.hurried = false
    return c.whole
  }

  column(status: string): Column | undefined {
    return this.columns.find((c) => c.status === status)
  }

  fold(status: string, folded = !this.folded(status)) {
    this.folds = { ...this.folds, [status]: folded }
    keep(`folds.${this.slug}`, this.folds)
  }

  // folded: nobody has said otherwise, and there is nothing to see.
  folded(status: string): boolean {
    return this.folds[status] ?? (status === 'archived' || (seldom.has(status) && !this.column(status)?.used))
  }

  #enqueue(id: string, card: Card | null) {
    this.#queue.set(id, card)
    if (this.#frame === 0) this.#frame = document.hidden ? window.setTimeout(() => this.#flush(), 200) : requestAnimationFrame(() => this.#flush())
  }

  #flush() {
    this.#frame = 0
    const queue = [...this.#queue]
    this.#queue.clear()
    for (const [id, card] of queue) {
      if (card) this.put(card)
      else this.drop(id)
    }
  }

  // put shows a card as it is now.
  put(card: Card) {
    const waiting = this.pending.get(card.id)
    if (waiting && card.version <= waiting.version) return
    if ((this.#expected.get(card.id) ?? 0) > 1) return // it is not yet where it will be
    const old = this.cards.get(card.id)
    if (old && card.version < old.version) return
    const fits = this.#fits(card, old !== undefined)
    if (fits === undefined) return void this.#ask(card.id)
    if (!fits) {
      this.#born.delete(card.id)
      return this.drop(card.id)
    }
    this.#place(card, old)
  }

  #place(card: Card, old: Card | undefined) {
    this.cards.set(card.id, card)
    this.#name([card.tenant ?? ''], card.labels)
    const c = this.column(card.status)
    if (c) c.changes++
    if (old && old.status === card.status && !before(old, card) && !before(card, old)) return
    const born = this.#born.delete(card.id)
    if (old) this.#remove(old)
    else if (!born) this.#count()
    if (!c) return
    if (old || born) c.total++
    if (c.loaded) c.ids = insert(c.ids, card, this.cards, c.whole)
    if (!c.ids.includes(card.id) && !c.whole && !this.pending.has(card.id)) this.cards.delete(card.id)
    if (old?.status !== card.status) this.#flash(card.id)
  }

  #remove(old: Card) {
    const c = this.column(old.status)
    if (!c) return
    c.changes++
    c.total = Math.max(0, c.total - 1)
    if (c.ids.includes(old.id)) c.ids = c.ids.filter((id) => id !== old.id)
  }

  drop(id: string) {
    const old = this.cards.get(id)
    this.pending.delete(id)
    this.#expected.delete(id)
    if (!old) return this.#count()
    this.#remove(old)
    this.cards.delete(id)
  }

  #flash(id: string) {
    this.fresh.add(id)
    setTimeout(() => this.fresh.delete(id), 1500)
  }

  // fits tells whether a card passes the filter; undefined = only the server knows.
  #fits(card: Card, shown: boolean): boolean | undefined {
    const f = this.#filter
    if (f.lane !== '' && card.lane !== f.lane) return false
    if (f.tenant !== '' && card.tenant !== f.tenant) return false
    if (f.label !== '' && !card.labels?.includes(f.label)) return false
    if (shown || (f.text === '' && f.parent === '')) return true
    const title = card.title.toLowerCase()
    if (f.parent === '' && f.text.toLowerCase().split(/\s+/).every((w) => title.includes(w))) return true
    return undefined
  }

  #expected = new Map<string, number>() // changes of a card that are not answered yet
  #asked = new Set<string>()
  #asking: ReturnType<typeof setTimeout> | undefined

  #ask(id: string) {
    this.#asked.add(id)
    this.#asking ??= setTimeout(async () => {
      this.#asking = undefined
      const id = [...this.#asked].slice(0, 200)
      this.#asked.clear()
      const page = await api.cards(this.slug, { ...this.#filter, id }).catch(() => undefined)
      for (const card of page?.items ?? []) this.#place(card, this.cards.get(card.id))
    }, 300)
  }

  // count asks for the numbers above the columns, when a card came or went that
  // was not loaded: nobody but the server knows from where.
  #count() {
    this.#counting ??= setTimeout(async () => {
      this.#counting = undefined
      const slug = this.slug
      if (slug === '') return
      const page = await api.cards(slug, { ...this.#filter, limit: 1 }).catch(() => undefined)
      if (!page || slug !== this.slug) return
      for (const c of this.columns) if (c.status in page.counts || c.status !== 'archived') c.total = page.counts[c.status] ?? 0
    }, 400)
  }

  // expect shows what a change will make of a card, until it is answered.
  expect(id: string, change: Partial<Card>) {
    const old = this.cards.get(id)
    if (!old) return
    if (!this.pending.has(id)) this.pending.set(id, old)
    this.#expected.set(id, (this.#expected.get(id) ?? 0) + 1)
    this.#place({ ...old, ...change }, old)
  }

  // settle takes the answer, or without one goes back to what was.
  settle(id: string, answer: Card | undefined) {
    const more = (this.#expected.get(id) ?? 1) - 1
    if (more > 0) {
      this.#expected.set(id, more)
      if (answer) this.pending.set(id, answer)
      return
    }
    const was = this.pending.get(id)
    this.pending.delete(id)
    this.#expected.delete(id)
    const now = this.cards.get(id)
    if (answer) {
      if (!now || answer.version >= now.version) this.#place(answer, now)
    } else if (was && now && now.version <= was.version) {
      this.#place(was, now)
    }
  }
}

export const board = new BoardState()
