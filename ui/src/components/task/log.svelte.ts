// The output of a run, as it comes. So much of it is kept, and no more.
import { logURL, refused, tellSignedOut } from '../../lib/api'
import { whileSeen } from '../../lib/seen'
import { read as frames } from '../../lib/sse'
import { pen, read, type Span } from './ansi'
import { told } from './agent'

export interface Row {
  line: number // which line of the output, counted from where it begins here
  spans: Span[]
}

interface Line {
  text: string // as it can be searched
  spans: Span[]
}

const most = 20_000 // lines
const longest = 8_000 // characters of a line
const rest = 1_000 // ms that a page that nobody sees keeps its connection
const first = 256 << 10 // bytes from the end

export type LogState = 'loading' | 'live' | 'again' | 'ended' | 'none'

export class Log {
  state = $state<LogState>('loading')
  lines: Line[] = []
  rows: Row[] = []
  grown = $state(0) // changes when lines or rows have
  dropped = $state(0) // lines that were here and are not kept
  cut = $state(false) // does not begin at the beginning
  ended = $state('')
  format = $state('')
  raw = $state(false)
  #columns = 120
  #from = -first // where it begins
  #offset: number | undefined // to go on from
  #pen = pen()
  #rest = ''
  #open = false // the last line may go on
  #skip = false // up to the first whole line
  #abort: AbortController | undefined
  #wait = 300
  #frame = 0

  constructor(
    readonly board: string,
    readonly run: number,
  ) {}

  // follow reads on until what it returns is called.
  follow(): () => void {
    return whileSeen(() => this.#goOn(), () => this.#abort?.abort(), rest)
  }

  #goOn() {
    if (this.#connected || this.state === 'ended' || this.state === 'none') return
    this.#abort = new AbortController()
    void this.#connect(this.#abort.signal)
  }

  get #connected() {
    return this.#abort !== undefined && !this.#abort.signal.aborted
  }

  // whole loads it from the beginning.
  whole() {
    this.#abort?.abort()
    this.#reset()
    this.#offset = undefined
    this.#from = 0
    this.#goOn()
  }

  #reset() {
    this.state = 'loading'
    this.lines = []
    this.rows = []
    this.dropped = 0
    this.cut = false
    this.#rest = ''
    this.#open = false
    this.#pen = pen()
    this.#changed()
  }

  async #connect(signal: AbortSignal) {
    try {
      const answer = await fetch(logURL(this.board, this.run, this.#offset ?? this.#from), { headers: { Accept: 'text/event-stream' }, signal, cache: 'no-store' })
      if (answer.status === 401) tellSignedOut(await refused(answer))
      if (answer.status === 404) return void (this.state = 'none')
      if (!answer.ok || !answer.body) throw await refused(answer)
      this.state = 'live'
      await frames(answer.body, (f) => this.#got(f.id, f.name, f.data), () => (this.#wait = 300))
    } catch {
      // the same as an end: come back
    }
    if (signal.aborted || this.state === 'ended') return
    this.state = 'again'
    setTimeout(() => !signal.aborted && void this.#connect(signal), this.#wait)
    this.#wait = Math.min(2_000, this.#wait * 2)
  }

  #got(id: string, name: string, data: string) {
    const d = JSON.parse(data)
    if (name === 'chunk') {
      if (this.#offset === undefined) this.cut = this.#skip = d.offset > 0
      if (id !== '') this.#offset = Number(id)
      this.format = d.format ?? ''
      this.#take(d.text)
    } else if (name === 'end') {
      this.ended = d.exit !== undefined && d.exit !== null ? `exit ${d.exit}` : (d.outcome ?? '')
      this.state = 'ended'
      this.#changed()
    }
  }

  #take(text: string) {
    if (this.#skip) {
      const at = text.indexOf('\n')
      if (at < 0) return
      text = text.slice(at + 1)
      this.#skip = false
    }
    if (this.#open) this.#pop()
    const parts = (this.#rest + text).split('\n')
    this.#rest = parts.pop() ?? ''
    for (const part of parts) this.#push(part)
    if (this.#rest.length > longest) {
      this.#push(this.#rest)
      this.#rest = ''
    }
    if (this.#rest !== '' && this.format === '') {
      // It is shown as far as it has come, with a pen of its own.
      const kept = { ...this.#pen }
      this.#push(this.#rest)
      this.#pen = kept
      this.#open = true
    }
    this.#bound()
    this.#changed()
  }

  #push(text: string) {
    for (const line of this.format !== '' && !this.raw ? told(text) : [text]) {
      const spans = read(line.slice(0, longest), this.#pen)
      this.lines.push({ text: spans.map((s) => s.text).join(''), spans })
      this.#wrap(this.lines.length - 1)
    }
  }

  #pop() {
    this.lines.pop()
    while (this.rows.at(-1)?.line === this.lines.length + this.dropped) this.rows.pop()
    this.#open = false
  }

  #bound() {
    const over = this.lines.length - most
    if (over <= 0) return
    this.lines.splice(0, over)
    this.dropped += over
    const at = this.rows.findIndex((r) => r.line >= this.dropped)
    this.rows.splice(0, at < 0 ? this.rows.length : at)
  }

  // show sets how many characters stand side by side.
  show(columns: number) {
    if (columns === this.#columns) return
    this.#columns = columns
    this.rows = []
    for (let i = 0; i < this.lines.length; i++) this.#wrap(i)
    this.#changed()
  }

  tell(raw: boolean) {
    this.raw = raw
    this.whole()
  }

  #wrap(i: number) {
    const line = this.lines[i]!
    const number = i + this.dropped
    if (line.text.length <= this.#columns) return void this.rows.push({ line: number, spans: line.spans })
    let row: Span[] = []
    let left = this.#columns
    for (const s of line.spans) {
      let text = s.text
      while (text.length > 0) {
        if (left === 0) {
          this.rows.push({ line: number, spans: row })
          row = []
          left = this.#columns
        }
        row.push({ ...s, text: text.slice(0, left) })
        const used = Math.min(left, text.length)
        text = text.slice(used)
        left -= used
      }
    }
    this.rows.push({ line: number, spans: row })
  }

  #changed() {
    if (this.#frame !== 0) return
    this.#frame = setTimeout(() => {
      this.#frame = 0
      this.grown++
    }, 16) as unknown as number
  }
}
