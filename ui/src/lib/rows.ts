// The rows of a column: cards, and in the running one their lanes above them.
import { untrack } from 'svelte'
import { board, type Column } from './board.svelte'
import type { Card, Lane } from './schema'
import { height, laneHeight } from './height'

export type Row = { key: string; top: number; height: number } & ({ card: Card } | { lane: string; running: number; cap: number })

// displayed are the ids in the order in which they are drawn.
export function displayed(c: Column): string[] {
  return c.status === 'running' ? [...byLane(c).values()].flat() : c.ids
}

function byLane(c: Column): Map<string, string[]> {
  const lanes = new Map<string, string[]>()
  for (const id of c.ids) {
    const card = board.cards.get(id)
    const lane = card?.run?.lane ?? card?.lane ?? ''
    const ids = lanes.get(lane)
    if (ids) ids.push(id)
    else lanes.set(lane, [id])
  }
  return new Map([...lanes].sort(([a], [b]) => a.localeCompare(b)))
}

// rowsOf lays a column out, and is to be asked again after its changes.
export function rowsOf(c: Column, lanes: Lane[], width: number): { rows: Row[]; total: number } {
  void c.changes
  return untrack(() => layOut(c, lanes, width))
}

function layOut(c: Column, lanes: Lane[], width: number): { rows: Row[]; total: number } {
  const rows: Row[] = []
  let top = 0
  const add = (ids: string[]) => {
    for (const id of ids) {
      const card = board.cards.get(id)
      if (!card) continue
      const h = height(card, width)
      rows.push({ key: id, top, height: h, card })
      top += h
    }
  }
  if (c.status !== 'running') add(c.ids)
  else {
    for (const [lane, ids] of byLane(c)) {
      rows.push({ key: `lane ${lane}`, top, height: laneHeight, lane, running: ids.length, cap: lanes.find((l) => l.name === lane)?.max_parallel ?? 0 })
      top += laneHeight
      add(ids)
    }
  }
  return { rows, total: top }
}

// within are the rows that touch a part of the column.
export function within(rows: Row[], from: number, to: number): Row[] {
  let low = 0
  let high = rows.length
  while (low < high) {
    const mid = (low + high) >> 1
    if (rows[mid]!.top + rows[mid]!.height <= from) low = mid + 1
    else high = mid
  }
  let end = low
  while (end < rows.length && rows[end]!.top < to) end++
  return rows.slice(low, end)
}
