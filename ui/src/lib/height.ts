// How high a card will be, before it is drawn: what makes a column of ten
// thousand cards scroll. Card.svelte draws to these measures.
import type { Card } from './schema'
import { foot } from './foot'
import { theming } from './remember.svelte'

const frame = 18 // borders and padding
const head = 18
const line = 20
const meta = 22
const footer = 24
const gap = 6
export const laneHeight = 30

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

// lines is how many the title takes: two at most.
export const lines = (title: string, room: number) => (width(title) > room - 1 ? 2 : 1)

export function height(card: Card, room: number): number {
  return frame + head + lines(card.title, room) * line + (theming.density === 'compact' ? 0 : meta) + (foot(card) ? footer : 0) + gap
}
