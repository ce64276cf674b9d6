// Who looks, what they may do, and which boards there are.
import { api, onSignedOut, Refusal, type Board, type Hold, type Lane, type Meta } from './api'
import { drafts } from './drafts.svelte'
import { keep, recall } from './remember.svelte'
import { toasts } from './toasts.svelte'

const often = 2500

class Session {
  meta = $state.raw<Meta | undefined>()
  boards = $state.raw<Board[]>([])
  holds = $state.raw<Hold[]>([])
  lanes = $state.raw<Lane[]>([]) // of the board that was shown last
  problem = $state.raw<Refusal | undefined>()
  signedOut = $state(false)
  why = $state('')
  last = $state(recall('board', '')) // the board that was looked at last
  preferred = $state(recall('home', '')) // the board to begin with; "" = the last one

  constructor() {
    if (this.preferred !== '') this.last = this.preferred
    onSignedOut((why) => {
      if (this.signedOut) return
      this.signedOut = true
      this.why = why
    })
    // Who logs in elsewhere in this browser comes back here, too.
    const back = () => this.signedOut && void this.back()
    const seen = () => !document.hidden && back()
    addEventListener('focus', seen)
    document.addEventListener('visibilitychange', seen)
    this.#others.onmessage = back
  }

  #others = new BroadcastChannel('andon')

  // back looks whether there is a session again. What was typed is there for who typed
  // it; nobody else finds anything of theirs.
  async back() {
    const before = this.meta?.name
    const meta = await api.meta().catch(() => undefined)
    if (!meta) return
    if (meta.name !== before) return location.reload()
    this.#known(meta)
    this.signedOut = false
    await this.readBoards().catch(() => {})
    await this.readHolds()
  }

  async leave() {
    await api.endSession()
    drafts.of('')
    this.why = ''
    this.signedOut = true
  }

  async start() {
    try {
      // What is asked first is shown first.
      await Promise.all([api.meta().then((m) => this.#known(m)), api.boards().then((all) => (this.boards = all))])
      this.problem = undefined
    } catch (e) {
      if (!(e instanceof Refusal)) throw e
      this.problem = e
      if (!this.signedOut) setTimeout(() => void this.start(), 2000)
      return
    }
    void this.readHolds()
  }

  #known(meta: Meta) {
    this.meta = meta
    drafts.of(meta.name)
    this.#others.postMessage('')
  }

  // home is the board to go to when none is named.
  get home(): string {
    const known = (slug: string) => this.boards.some((b) => b.slug === slug)
    if (known(this.last)) return this.last
    if (known(this.preferred)) return this.preferred
    return this.boards.find((b) => b.current)?.slug ?? this.boards[0]?.slug ?? ''
  }

  visit(board: string) {
    this.last = board
    keep('board', board)
  }

  prefer(board: string) {
    this.preferred = board
    keep('home', board)
  }

  may(operation: string): boolean {
    return this.meta?.may.includes(operation) ?? false
  }

  status(name: string) {
    return this.meta?.statuses.find((s) => s.name === name)
  }

  // watch keeps true what no stream tells of on every page: what is held, and which
  // boards there are.
  watch(): () => void {
    let n = 0
    const timer = setInterval(() => {
      if (document.hidden || this.signedOut || !this.meta) return
      void this.readHolds()
      if (n++ % 2 === 1) void this.readBoards().catch(() => {})
    }, often)
    return () => clearInterval(timer)
  }

  async readBoards() {
    this.boards = await api.boards()
  }

  async readHolds() {
    if (!this.may('list-holds')) return
    this.holds = await api.holds().catch(() => this.holds)
  }

  #holding: ReturnType<typeof setTimeout> | undefined

  // heldElsewhere: gates changed without an event, so somebody may have pulled the
  // cord, or let it go.
  heldElsewhere() {
    this.#holding ??= setTimeout(() => {
      this.#holding = undefined
      void this.readHolds()
      if (this.#lanesOf !== '') void this.readLanes(this.#lanesOf)
    }, 300)
  }

  #lanesOf = ''

  async readLanes(board: string) {
    this.#lanesOf = board
    const lanes = await api.lanes(board).catch(() => undefined)
    if (lanes) this.lanes = lanes
  }

  async pull(scope: string, reason: string, stop: boolean, said: (stopped: number) => string) {
    try {
      const r = await api.pull({ scope, reason, stop })
      await this.readHolds()
      toasts.say(said(r.stopped), () => this.resume(scope))
    } catch (e) {
      toasts.fail(e)
    }
  }

  async resume(scope: string) {
    try {
      await api.resume(scope)
    } catch (e) {
      toasts.fail(e)
    }
    await this.readHolds()
  }
}

export const session = new Session()
