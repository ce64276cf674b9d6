// What a terminal would show of a worker's output: colours and weights as
// classes, everything else that would steer it taken out.

export interface Span {
  text: string
  class: string // of Log.svelte
  color: string // "" or one that is none of the sixteen
}

export interface Pen {
  bold: boolean
  dim: boolean
  italic: boolean
  line: boolean
  inverse: boolean
  color: number | string // -1 = none, one of sixteen, or rgb(...)
}

export const pen = (): Pen => ({ bold: false, dim: false, italic: false, line: false, inverse: false, color: -1 })

// Sequences: CSI, OSC and its kin up to their end, other escapes of two bytes.
const steering = /\x1b\[([0-9:;<=>?]*)[ -/]*([@-~])|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|$)|\x1b[ -/]*[0-~]?/g
// What is left of control characters, and marks that turn the direction of writing.
const unseen = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

// clean is a text of several lines without what would steer a terminal.
export const clean = (text: string) => text.replace(steering, '').replace(unseen, (c) => (c === '\r' ? '' : ' '))

// read draws one line with a pen that goes on with the next.
export function read(line: string, p: Pen): Span[] {
  const back = line.replace(/\r+$/, '').lastIndexOf('\r')
  if (back >= 0) {
    for (const m of line.slice(0, back).matchAll(steering)) if (m[2] === 'm') style(m[1]!, p)
    line = line.slice(back + 1) // written over, as progress bars do
  }
  const spans: Span[] = []
  let at = 0
  const put = (text: string) => {
    text = text.replaceAll('\t', '    ').replace(unseen, '')
    if (text !== '') spans.push({ text, class: classOf(p), color: typeof p.color === 'string' && !p.inverse ? p.color : '' })
  }
  for (const m of line.matchAll(steering)) {
    put(line.slice(at, m.index))
    at = m.index + m[0].length
    if (m[2] === 'm') style(m[1]!, p)
  }
  put(line.slice(at))
  return spans
}

function classOf(p: Pen): string {
  const c = []
  if (p.bold) c.push('bold')
  if (p.dim) c.push('dim')
  if (p.italic) c.push('italic')
  if (p.line) c.push('under')
  if (p.inverse) c.push('inverse')
  else if (typeof p.color === 'number' && p.color >= 0) c.push(`c${p.color}`)
  return c.join(' ')
}

// style takes a SGR sequence.
function style(codes: string, p: Pen) {
  const n = codes.split(/[;:]/).map(Number)
  for (let i = 0; i < n.length; i++) {
    const c = n[i]!
    if (c === 0) Object.assign(p, pen())
    else if (c === 1) p.bold = true
    else if (c === 2) p.dim = true
    else if (c === 3) p.italic = true
    else if (c === 4) p.line = true
    else if (c === 7) p.inverse = true
    else if (c === 22) p.bold = p.dim = false
    else if (c === 23) p.italic = false
    else if (c === 24) p.line = false
    else if (c === 27) p.inverse = false
    else if (c === 39) p.color = -1
    else if (c >= 30 && c <= 37) p.color = c - 30
    else if (c >= 90 && c <= 97) p.color = c - 82
    else if (c === 38 || c === 48) {
      const of256 = n[i + 1] === 5
      const color = of256 ? indexed(n[i + 2] ?? 0) : seen(n[i + 2] ?? 0, n[i + 3] ?? 0, n[i + 4] ?? 0)
      if (c === 38) p.color = color // backgrounds are left out: what is legible on them nobody knows
      i += of256 ? 2 : 4
    }
  }
}

function indexed(n: number): number | string {
  if (n < 16) return n
  if (n >= 232) return seen(8 + (n - 232) * 10, 8 + (n - 232) * 10, 8 + (n - 232) * 10)
  const part = (v: number) => (v === 0 ? 0 : 55 + v * 40)
  return seen(part(Math.floor((n - 16) / 36)), part(Math.floor((n - 16) / 6) % 6), part((n - 16) % 6))
}

// seen makes a colour light enough for the dark ground of the log.
function seen(r: number, g: number, b: number): string {
  const bound = (v: number) => Math.max(0, Math.min(255, Math.round(v) || 0))
  const light = (0.3 * r + 0.59 * g + 0.11 * b) / 255
  const white = light < 0.55 ? (0.55 - light) / (1 - light) : 0
  return `rgb(${bound(r + (255 - r) * white)} ${bound(g + (255 - g) * white)} ${bound(b + (255 - b) * white)})`
}
