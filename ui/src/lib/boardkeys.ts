// What the keyboard does on a board.
import { each, legal, move } from './actions'
import { board } from './board.svelte'
import { dialogs } from './dialogs.svelte'
import { drag } from './drag.svelte'
import { foldAway } from './fold'
import type { Command } from './keys.svelte'
import { router, taskPath } from './router.svelte'
import { selection } from './selection.svelte'
import { session } from './session.svelte'
import { displayed } from './rows'
import { toasts } from './toasts.svelte'
import { words } from './words'

// open are the columns that show cards.
const open = () => board.columns.filter((c) => !board.folded(c.status) && c.ids.length > 0)

function here() {
  const status = board.cards.get(selection.cursor)?.status
  return open().find((c) => c.status === status)
}

function step(by: number, extend = false) {
  const c = here() ?? open()[0]
  if (!c) return
  const ids = displayed(c)
  const at = ids.indexOf(selection.cursor)
  const id = ids[Math.max(0, Math.min(ids.length - 1, at + by))]!
  if (!extend) return selection.mark(id)
  if (at >= 0) selection.ids.add(selection.cursor)
  selection.upTo(id, ids)
}

// toEnd goes to the last card, loaded or not, unless another way is taken meanwhile.
async function toEnd(extend = false) {
  const c = here() ?? open()[0]
  const from = selection.cursor
  if (c && (await board.wantAll(c)) && selection.cursor === from) step(Infinity, extend)
}

// aScreen is how many cards of the column are in sight, but for one that stays.
function aScreen(): number {
  const box = document.querySelector(`[data-column="${(here() ?? open()[0])?.status}"] .scroll`)
  if (!box) return 1
  const { top, bottom } = box.getBoundingClientRect()
  const seen = [...box.querySelectorAll('[data-card]')].map((e) => e.getBoundingClientRect()).filter((r) => r.top >= top && r.bottom <= bottom)
  return Math.max(1, seen.length - 1)
}

async function selectAll() {
  const c = here()
  if (c && (await board.wantAll(c))) for (const id of displayed(c)) selection.ids.add(id)
}

function aside(by: 1 | -1) {
  const columns = open()
  const c = here()
  if (!c) return step(1)
  const next = columns[columns.indexOf(c) + by]
  if (!next) return
  // To the card at about the same height on the screen.
  const y = document.getElementById(`card-${selection.cursor}`)?.getBoundingClientRect().top ?? 0
  const cards = [...document.querySelectorAll<HTMLElement>(`[data-column="${next.status}"] [data-card]`)]
  cards.sort((a, b) => Math.abs(a.getBoundingClientRect().top - y) - Math.abs(b.getBoundingClientRect().top - y))
  selection.mark(cards[0]?.dataset.card ?? displayed(next)[0]!)
}

function lift() {
  const ids = selection.chosen()
  if (ids.length === 0) return
  if (!drag.lift(ids)) toasts.note(ids.length === 1 ? words.mayNotMove : words.mayNotMoveSeveral)
}

// chosen are commands for the palette: what can be done with the chosen cards.
function chosen(): Command[] {
  const group = words.groups.card
  const some = () => !drag.on && selection.chosen().length > 0
  return [
    ...board.columns.map((c) => ({
      id: `move ${c.status}`,
      label: words.moveToStatus(c.status),
      group,
      run: () => void move(selection.chosen(), c.status),
      when: () => some() && legal(selection.chosen()).has(c.status),
    })),
    ...session.lanes
      .filter((l) => l.known)
      .map((l) => ({
        id: `assign ${l.name}`,
        label: words.assignToLane(l.name),
        group,
        run: () => void each({ ids: selection.chosen(), action: 'assign', lane: l.name }),
        when: () => some() && session.may('bulk'),
      })),
  ]
}

export function boardCommands(): Command[] {
  const on = words.groups.board
  const card = words.groups.card
  const free = () => !drag.on && router.route.task === ''
  const carried = () => drag.how === 'keys'
  const at = () => free() && board.cards.has(selection.cursor)
  const cmd = words.cmd
  const go = (keys: string, run: () => void, label = cmd.arrows, hidden = true): Command => ({ id: `go ${keys}`, keys, label, group: label === cmd.extend ? card : on, run, when: free, hidden })
  const carry = (keys: string, run: () => void): Command => ({ id: `carry ${keys}`, keys, label: '', group: '', run, when: carried, hidden: true })
  return [
    ...chosen(),
    { id: 'create', keys: 'c', label: cmd.create, group: on, run: () => (dialogs.create = { status: '' }), when: () => free() && session.may('create-task') },
    { id: 'search', keys: '/', label: cmd.search, group: on, run: () => document.getElementById('search')?.focus(), when: free },
    go('ArrowDown', () => step(1)),
    go('ArrowUp', () => step(-1)),
    go('ArrowRight', () => aside(1)),
    go('ArrowLeft', () => aside(-1)),
    { ...go('j', () => step(1)), group: '' },
    { ...go('k', () => step(-1)), group: '' },
    { ...go('l', () => aside(1)), group: '' },
    { ...go('h', () => aside(-1)), group: '' },
    go('Home', () => step(-Infinity), cmd.first),
    go('End', () => void toEnd(), cmd.first),
    go('PageDown', () => step(aScreen()), cmd.page),
    go('PageUp', () => step(-aScreen()), cmd.page),
    { id: 'fold', keys: 'f', label: cmd.fold, group: on, run: () => here() && foldAway(here()!.status), when: at },
    { id: 'unfold', keys: 'u', label: cmd.unfoldAll, group: on, run: () => board.columns.forEach((c) => board.fold(c.status, false)), when: free },
    { id: 'refresh', keys: 'r', label: cmd.refresh, group: on, run: () => void board.load(), when: free },

    { id: 'open', keys: 'Enter', label: cmd.open, group: card, run: () => router.go(taskPath(board.slug, selection.cursor, router.search)), when: at },
    { id: 'select', keys: 'x', label: cmd.select, group: card, run: () => selection.toggle(selection.cursor), when: at },
    go('shift+ArrowDown', () => step(1, true), cmd.extend),
    go('shift+ArrowUp', () => step(-1, true), cmd.extend),
    go('shift+Home', () => step(-Infinity, true), cmd.extend),
    go('shift+End', () => void toEnd(true), cmd.extend),
    { id: 'all', keys: 'ctrl+a', label: cmd.selectAll, group: card, run: () => void selectAll(), when: at },
    { id: 'move', keys: 'm', label: cmd.move, group: card, run: lift, when: () => free() && session.may('move-task') && selection.chosen().length > 0 },
    { id: 'archive', keys: 'e', label: cmd.archive, group: card, run: () => void each({ ids: selection.chosen(), action: 'archive' }), when: () => free() && session.may('bulk') && selection.chosen().length > 0 },
    { id: 'clear', keys: 'Escape', label: cmd.clear, group: card, run: () => selection.clear(), when: () => free() && selection.ids.size > 0, hidden: true },

    carry('ArrowRight', () => drag.aim(1)),
    carry('ArrowLeft', () => drag.aim(-1)),
    carry('l', () => drag.aim(1)),
    carry('h', () => drag.aim(-1)),
    carry('Enter', () => drag.drop()),
    carry('m', () => drag.drop()),
    carry('Escape', () => drag.cancel()),
  ]
}
