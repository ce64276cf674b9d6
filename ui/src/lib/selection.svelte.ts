// Which cards are selected, and which one the keyboard is on.
import { SvelteSet } from 'svelte/reactivity'
import { board } from './board.svelte'

class Selection {
  ids = new SvelteSet<string>()
  cursor = $state('')
  sought = $state(0) // grows when the cursor's card has gone elsewhere and is to be followed
  #anchor = ''

  toggle(id: string) {
    if (!this.ids.delete(id)) this.ids.add(id)
    this.#anchor = this.cursor = id
  }

  // upTo selects from the last one to this, within their column.
  upTo(id: string, order: string[]) {
    const from = order.indexOf(this.#anchor || this.cursor)
    const to = order.indexOf(id)
    this.cursor = id
    if (to < 0) return
    if (from < 0) return void this.ids.add(id)
    for (const one of order.slice(Math.min(from, to), Math.max(from, to) + 1)) this.ids.add(one)
  }

  mark(id: string) {
    this.cursor = id
    this.#anchor = id
  }

  // follow keeps to the cursor's card, where these were taken.
  follow(ids: string[]) {
    if (ids.includes(this.cursor)) this.sought++
  }

  clear() {
    this.ids.clear()
    this.#anchor = ''
  }

  // chosen are the selected ones, or else the one under the cursor.
  chosen(): string[] {
    const here = [...this.ids].filter((id) => board.cards.has(id))
    if (here.length > 0) return here
    return board.cards.has(this.cursor) ? [this.cursor] : []
  }
}

export const selection = new Selection()
