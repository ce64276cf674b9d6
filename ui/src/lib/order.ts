// The order of cards in a column, the same as the server's.
import type { Card } from './schema'

const byTime = new Set(['done', 'archived'])

// sortOf is the order to ask for.
export const sortOf = (status: string) => (byTime.has(status) ? 'updated-desc' : 'priority')

const text = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

// before reports whether a stands above b in the column of b.
export function before(a: Card, b: Card): boolean {
  const by = byTime.has(b.status)
    ? text(b.updated_at ?? b.created_at, a.updated_at ?? a.created_at)
    : b.priority - a.priority || text(a.created_at, b.created_at)
  return by < 0
}

// insert puts a card where it belongs. Below the last loaded one it is left out,
// unless all are loaded: it comes with the page that has it.
export function insert(ids: string[], card: Card, cards: ReadonlyMap<string, Card>, whole: boolean): string[] {
  let low = 0
  let high = ids.length
  while (low < high) {
    const mid = (low + high) >> 1
    const other = cards.get(ids[mid]!)
    if (other && before(card, other)) high = mid
    else low = mid + 1
  }
  if (low === ids.length && !whole && ids.length > 0) return ids
  return ids.toSpliced(low, 0, card.id)
}
