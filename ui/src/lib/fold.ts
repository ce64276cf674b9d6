// Folding columns by hand: the focus stays with what takes their place.
import { tick } from 'svelte'
import { board } from './board.svelte'

async function focus(status: string, what: string) {
  await tick()
  document.querySelector<HTMLElement>(`[data-column="${status}"] ${what}`)?.focus({ preventScroll: true })
}

export function foldAway(status: string) {
  board.fold(status, true)
  void focus(status, '.strip')
}

export function unfold(status: string) {
  board.fold(status, false)
  void focus(status, '[aria-expanded]')
}
