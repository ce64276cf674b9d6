// One board's stream as a view hears it. It knows when what is shown is old.
import { api } from './api'
import type { Card, Event } from './schema'
import { whileSeen } from './seen'
import { serve, type Ask, type Tell } from './share'
import type { Frame } from './sse'
import type { StreamState } from './stream'
import StreamsWorker from './streams.worker?sharedworker'

export interface Handlers {
  event: (e: Event, card: Card | null) => void
  line: (task: string, run: number, line: string, at: string) => void
  gates: (cards: Card[]) => void
  inbox: (count: number) => void
  reset: () => void // load anew; the stream goes on meanwhile
  gone: () => void // the board is not there any more; reset follows when it is
  back?: () => void // what comes without an event may have been missed
}

export type Liveness = 'off' | 'connecting' | 'live' | 'stale' | 'gone'

const silence = 50_000 // so long the worker may say nothing: it gives up a connection sooner
const rest = 30_000 // a page that nobody sees for so long hears nothing more, and goes on from there when it is seen

function open(): MessagePort {
  if (typeof SharedWorker !== 'undefined') return new StreamsWorker().port
  const { port1, port2 } = new MessageChannel()
  serve(port1)
  return port2
}

export class Live {
  state = $state<Liveness>('off')
  since = $state(0) // when it was last alive
  #handlers: Handlers
  #board = ''
  #after = 0
  #port: MessagePort | undefined
  #missed = false
  #gone = false
  #watch: ReturnType<typeof setTimeout> | undefined

  constructor(handlers: Handlers) {
    this.#handlers = handlers
    whileSeen(() => this.now(), () => this.#detach(), rest)
    addEventListener('online', () => this.now())
    addEventListener('focus', () => this.now())
  }

  // follow goes on after an event, of this board from now on.
  follow(board: string, after: number) {
    this.stop()
    this.#board = board
    this.#after = after
    this.#missed = this.#gone = false
    this.since = Date.now()
    this.#attach()
  }

  stop() {
    this.#detach()
    this.#board = ''
    this.state = 'off'
  }

  // now does not wait any longer.
  now() {
    if (this.#board === '') return
    if (this.#port) this.#ask('now')
    else this.#attach()
  }

  #ask(a: Ask) {
    this.#port?.postMessage(a)
  }

  #attach() {
    this.state = 'connecting'
    this.#port = open()
    this.#port.onmessage = (e: MessageEvent<Tell>) => this.#told(e.data)
    this.#ask({ follow: this.#board, after: this.#after })
    this.#alive()
  }

  #detach() {
    clearTimeout(this.#watch)
    this.#ask('stop')
    this.#port?.close()
    this.#port = undefined
    this.#missed = true
  }

  #alive() {
    clearTimeout(this.#watch)
    this.#watch = setTimeout(() => {
      this.#detach()
      this.#attach()
      this.state = 'stale'
    }, silence)
  }

  #told(t: Tell) {
    this.#alive()
    if (t !== 'alive' && 'state' in t) return this.#became(t.state)
    this.since = Date.now()
    if (t !== 'alive') this.#got(t.frame)
  }

  #became(state: StreamState) {
    if (state === 'refused') {
      const [board, after] = [this.#board, this.#after]
      this.stop()
      return void api.meta().then(() => this.follow(board, after), () => {}) // it tells why there is no session
    }
    if (state === 'gone' && !this.#gone) this.#handlers.gone()
    if (state === 'gone') this.#gone = true
    if (state === 'stale') this.#missed = true
    if (state === 'live' && this.#gone) {
      this.#gone = this.#missed = false
      this.#handlers.reset()
    }
    if (state === 'live' && this.#missed) {
      this.#missed = false
      this.#handlers.back?.()
    }
    this.state = state
  }

  #got(f: Frame) {
    if (f.id !== '') this.#after = Number(f.id)
    const d = JSON.parse(f.data)
    switch (f.name) {
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
