// How high a card will be, before it is drawn: what makes a column of ten
// thousand cards scroll. Card.svelte draws to these measures.
import type { Card } from './schema'
import { foot } from './foot'
import { theming } from './remember.svelte'

// The frame is borders and padding. In the compact one what stands in the head
// stands beside the title and the lane, and labels are left out.
const measures = {
  roomy: { frame: 18, head: 18, line: 20, labels: 22, meta: 22, foot: 24, gap: 6, side: 24 },
  compact: { frame: 11, head: 0, line: 18, labels: 0, meta: 17, foot: 17, gap: 4, side: 20 },
}
export const laneHeight = 30

export const gap = () => measures[theming.density].gap

let canvas: CanvasRenderingContext2D | null | undefined
const widths = new Map<string, number>()

function width(text: string): number {
  const known = widths.get(text)
  if (known !== undefined) return known
  if (canvas === undefined) {
    canvas = document.createElement('canvas').getContext('2d')
    if (canvas) canvas.font = `500 14px ${getComputedStyle(document.body).fontFamily}`
  }
  if (widths.size > 50_000) widths.clear()
  const w = canvas?.measureText(text).width ?? text.length * 7.5
  widths.set(text, w)
  return w
}

// height is what a card takes in a column that is so wide, with the gap below it.
// A title has two lines at most.
export function height(card: Card, column: number): number {
  const m = measures[theming.density]
  const before = theming.density === 'compact' && card.priority !== 0 ? 15 + 7 * String(card.priority).length : 0
  const lines = width(card.title) + before > column - m.side - 1 ? 2 : 1
  return m.frame + m.head + lines * m.line + (card.labels?.length ? m.labels : 0) + m.meta + (foot(card) ? m.foot : 0) + m.gap
}
