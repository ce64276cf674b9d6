// One board's stream. It comes back by itself, goes on where it was, and knows
// when what is shown is old.
import { refused, streamURL, tellSignedOut } from './api'
import type { Card, Event } from './schema'
import { read } from './sse'

export interface Handlers {
  event: (e: Event, card: Card | null) => void
  line: (task: string, run: number, line: string, at: string) => void
  gates: (cards: Card[]) => void
  inbox: (count: number) => void
  reset: () => void // load anew; the stream goes on meanwhile
}

export type Liveness = 'off' | 'connecting' | 'live' | 'stale'

const silence = 40_000 // the gateway says something every 15 s
const soon = 300
const late = 10_000
const away = 5 * 60_000 // a tab that nobody sees gives its connection back: a browser has six per host

export class Live {
  state = $state<Liveness>('off')
  since = $state(0) // when it was last alive
  #handlers: Handlers
  #board = ''
  #after = 0
  #abort: AbortController | undefined
  #wait = soon
  #timer: ReturnType<typeof setTimeout> | undefined
  #watch: ReturnType<typeof setTimeout> | undefined
  #hidden: ReturnType<typeof setTimeout> | undefined

  constructor(handlers: Handlers) {
    this.#handlers = handlers
    addEventListener('online', () => this.now())
    // A page that is kept for the way back keeps its connections, too.
    addEventListener('pagehide', () => this.#drop())
    addEventListener('pageshow', (e) => e.persisted && this.now())
    document.addEventListener('visibilitychange', () => {
      clearTimeout(this.#hidden)
      if (document.hidden) this.#hidden = setTimeout(() => this.#drop(), away)
      else if (this.state !== 'live' || Date.now() - this.since > silence) this.now()
    })
  }

  // follow goes on after an event, of this board from now on.
  follow(board: string, after: number) {
    this.stop()
    this.#board = board
    this.#after = after
    this.state = 'connecting'
    void this.#connect()
  }

  stop() {
    this.#drop()
    this.#board = ''
    this.state = 'off'
  }

  // now does not wait any longer.
  now() {
    if (this.#board === '') return
    this.#drop()
    this.#wait = soon
    void this.#connect()
  }

  #drop() {
    clearTimeout(this.#timer)
    clearTimeout(this.#watch)
    this.#abort?.abort()
    this.#abort = undefined
    if (this.state === 'live') this.state = 'stale'
  }

  async #connect() {
    const abort = new AbortController()
    this.#abort = abort
    try {
      const answer = await fetch(streamURL(this.#board, this.#after), { headers: { Accept: 'text/event-stream' }, signal: abort.signal, cache: 'no-store' })
      if (!answer.ok || !answer.body) {
        if (answer.status === 401) tellSignedOut()
        throw await refused(answer)
      }
      this.state = 'live'
      this.#alive()
      await read(answer.body, (f) => this.#got(f.id, f.name, f.data), () => this.#alive())
    } catch {
      // the same as an end: come back
    }
    if (abort.signal.aborted || this.#abort !== abort) return
    this.#again()
  }

  #again() {
    this.#drop()
    this.state = 'stale'
    this.#timer = setTimeout(() => void this.#connect(), this.#wait * (0.75 + Math.random() / 2))
    this.#wait = Math.min(late, this.#wait * 2)
  }

  #alive() {
    this.since = Date.now()
    this.#wait = soon
    clearTimeout(this.#watch)
    this.#watch = setTimeout(() => this.#again(), silence)
  }

  #got(id: string, name: string, data: string) {
    if (id !== '') this.#after = Number(id)
    const d = JSON.parse(data)
    switch (name) {
      case 'event':
        return this.#handlers.event(d.event, d.card)
      case 'line':
        return this.#handlers.line(d.task, d.run, d.line, d.at)
      case 'gates':
        return this.#handlers.gates(d.cards ?? [])
      case 'inbox':
        return this.#handlers.inbox(d.count)
      case 'reset':
        return this.#handlers.reset()
    }
  }
}
