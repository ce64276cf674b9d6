// One board's events, read from the gateway for as long as somebody wants them.
// A connection that breaks comes back by itself and goes on where it was.
import { refused, streamURL } from './api'
import { read, type Frame } from './sse'

export type StreamState = 'connecting' | 'live' | 'stale' | 'gone' | 'refused'

export interface Heard {
  frame(f: Frame): void
  alive(): void // something came, if only a sign of life
  became(state: StreamState): void // said again whenever it fails again; refused: who looks is signed out; gone: there is no such board now
}

const silence = 40_000 // the gateway says something every 15 s
const answers = 10_000 // for so long it may take to answer
const soon = 250
const late = 2_000 // a gateway that is back is noticed so soon; to ask it costs next to nothing
const seldom = 15_000 // of one that says no

export class Stream {
  state: StreamState = 'connecting'
  #abort: AbortController | undefined
  #wait = soon
  #timer: ReturnType<typeof setTimeout> | undefined
  #watch: ReturnType<typeof setTimeout> | undefined
  #last = 0 // when something came

  constructor(
    readonly board: string,
    public after: number,
    readonly heard: Heard,
  ) {
    void this.#connect()
  }

  stop() {
    clearTimeout(this.#timer)
    clearTimeout(this.#watch)
    this.#abort?.abort()
  }

  // now does not wait any longer; a connection that lives is left alone.
  now() {
    if (this.state === 'live' && Date.now() - this.#last < silence / 2) return
    this.stop()
    this.#wait = soon
    void this.#connect()
  }

  async #connect() {
    const abort = (this.#abort = new AbortController())
    let no = 0
    this.#watchFor(answers)
    try {
      const answer = await fetch(streamURL(this.board, this.after), { headers: { Accept: 'text/event-stream' }, signal: abort.signal, cache: 'no-store' })
      if (answer.status === 401) return this.#become('refused')
      if (answer.status >= 400 && answer.status < 500) no = answer.status
      if (!answer.ok || !answer.body) throw await refused(answer)
      this.#alive()
      this.#become('live')
      await read(answer.body, (f) => this.#got(f), () => this.#alive())
    } catch {
      // the same as an end: come back
    } finally {
      if (this.#abort === abort) clearTimeout(this.#watch)
    }
    if (!abort.signal.aborted) this.#again(no)
  }

  #again(no = 0) {
    const gone = no === 404
    this.stop()
    this.#become(gone ? 'gone' : 'stale')
    this.#timer = setTimeout(() => void this.#connect(), (gone ? late : no ? seldom : this.#wait) * (0.5 + Math.random() / 2))
    this.#wait = Math.min(late, this.#wait * 2)
  }

  #watchFor(ms: number) {
    clearTimeout(this.#watch)
    this.#watch = setTimeout(() => this.#again(), ms)
  }

  #alive() {
    this.#last = Date.now()
    this.#wait = soon
    this.#watchFor(silence)
    this.heard.alive()
  }

  #become(state: StreamState) {
    this.state = state
    this.heard.became(state)
  }

  #got(f: Frame) {
    if (f.id !== '') this.after = Number(f.id)
    this.heard.frame(f)
  }
}
