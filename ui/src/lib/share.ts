// The streams of all pages of a browser, each board's only once: a browser has six
// connections for each host, and pages want some for what they ask.
import type { Frame } from './sse'
import { Stream, type StreamState } from './stream'

// Ask is what a page says.
export type Ask = { follow: string; after: number } | 'now' | 'stop'

// Tell is what it hears.
export type Tell = { frame: Frame } | { state: StreamState } | 'alive'

const signs = 5_000 // between two signs of life that are passed on

class Reader {
  source: Source | undefined

  constructor(
    readonly tell: (t: Tell) => void,
    public after: number,
  ) {}

  // pass leaves out the events that were there before it came.
  pass(frame: Frame) {
    const id = Number(frame.id)
    if (frame.name === 'event' && id <= this.after) return
    if (frame.id !== '') this.after = id
    this.tell({ frame })
  }
}

const shared = new Map<string, Source>() // by board

// Source is a stream and who reads it. One that was begun for a reader who was
// behind ends when it has caught up with the shared one.
class Source {
  readers = new Set<Reader>()
  stream: Stream
  #signed = 0

  constructor(
    readonly board: string,
    after: number,
  ) {
    if (!shared.has(board)) shared.set(board, this)
    this.stream = new Stream(board, after, {
      frame: (f) => {
        for (const r of this.readers) r.pass(f)
        this.#join()
      },
      alive: () => {
        if (Date.now() - this.#signed < signs) return
        this.#signed = Date.now()
        this.#tell('alive')
      },
      became: (state) => this.#tell({ state }),
    })
  }

  #tell(t: Tell) {
    for (const r of this.readers) r.tell(t)
  }

  #join() {
    const main = shared.get(this.board)
    if (!main) shared.set(this.board, this)
    if (!main || main === this || this.stream.after < main.stream.after) return
    this.stream.stop()
    for (const r of this.readers) main.add(r)
  }

  add(r: Reader) {
    this.readers.add(r)
    r.source = this
    r.tell({ state: this.stream.state })
  }

  leave(r: Reader) {
    this.readers.delete(r)
    if (this.readers.size > 0) return
    this.stream.stop()
    if (shared.get(this.board) === this) shared.delete(this.board)
  }
}

// serve does what a page asks for, one stream at a time.
export function serve(port: MessagePort) {
  let reader: Reader | undefined
  const leave = () => {
    if (reader) reader.source?.leave(reader)
    reader = undefined
  }
  port.onmessage = (e: MessageEvent<Ask>) => {
    if (e.data === 'now') return reader?.source?.stream.now()
    leave()
    if (e.data === 'stop') return
    const { follow, after } = e.data
    reader = new Reader((t) => port.postMessage(t), after)
    const main = shared.get(follow)
    const source = main && main.stream.after <= after ? main : new Source(follow, after)
    source.add(reader)
  }
  port.addEventListener('close', leave) // its page is gone
}
