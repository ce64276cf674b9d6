// Who looks, what they may do, and which boards there are.
import { api, onSignedOut, Refusal, type Board, type Hold, type Lane, type Meta } from './api'
import { keep, recall } from './remember.svelte'
import { toasts } from './toasts.svelte'

class Session {
  meta = $state.raw<Meta | undefined>()
  boards = $state.raw<Board[]>([])
  holds = $state.raw<Hold[]>([])
  lanes = $state.raw<Lane[]>([]) // of the board that was shown last
  problem = $state.raw<Refusal | undefined>()
  signedOut = $state(false)
  last = $state(recall('board', '')) // the board that was looked at last
  preferred = $state(recall('home', '')) // the board to begin with; "" = the last one

  constructor() {
    if (this.preferred !== '') this.last = this.preferred
    onSignedOut(() => (this.signedOut = true))
  }

  async start() {
    try {
      // What is asked first is shown first.
      await Promise.all([api.meta().then((m) => (this.meta = m)), api.boards().then((all) => (this.boards = all))])
      this.problem = undefined
    } catch (e) {
      if (!(e instanceof Refusal)) throw e
      this.problem = e
      if (!this.signedOut) setTimeout(() => void this.start(), 2000)
      return
    }
    void this.readHolds()
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
