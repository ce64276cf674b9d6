// Shortcuts: one table that the keyboard, the help sheet and the palette read.
import { untrack } from 'svelte'

export interface Command {
  id: string
  keys?: string // as in the help sheet: "c", "?", "g b", "ctrl+k"
  label: string
  group: string
  run: () => void
  when?: () => boolean
  hidden?: boolean // not in the palette
}

class Keys {
  commands = $state.raw<Command[]>([])
  overlay = $state<'' | 'help' | 'palette'>('')
  #first = '' // of a sequence
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor() {
    addEventListener('keydown', (e) => this.#pressed(e))
  }

  // add puts commands into the table and returns what takes them out.
  add(commands: Command[]): () => void {
    untrack(() => (this.commands = [...this.commands, ...commands]))
    return () => untrack(() => (this.commands = this.commands.filter((c) => !commands.includes(c))))
  }

  #pressed(e: KeyboardEvent) {
    if (e.defaultPrevented || e.isComposing || e.key === 'Shift' || e.key === 'Control' || e.key === 'Meta' || e.key === 'Alt') return
    const mod = e.ctrlKey || e.metaKey
    if (mod && e.key.toLowerCase() === 'k') {
      e.preventDefault()
      this.overlay = this.overlay === 'palette' ? '' : 'palette'
      return
    }
    if (e.altKey || (typing(e.target) && !(mod && e.key === 'Enter')) || document.querySelector('dialog[open]')) return
    const letter = e.key.length === 1
    const shift = e.shiftKey && (!letter || e.key.toLowerCase() !== e.key.toUpperCase()) // of ? and ! it is a part
    const key = (mod ? 'ctrl+' : '') + (shift ? 'shift+' : '') + (letter ? e.key.toLowerCase() : e.key)
    const pressed = this.#first === '' ? key : `${this.#first} ${key}`
    clearTimeout(this.#timer)
    this.#first = ''
    const open = this.commands.filter((c) => c.keys && (c.when?.() ?? true))
    const hit = open.findLast((c) => c.keys === pressed)
    if (hit) {
      e.preventDefault()
      hit.run()
    } else if (open.some((c) => c.keys!.startsWith(`${pressed} `))) {
      this.#first = pressed
      this.#timer = setTimeout(() => (this.#first = ''), 1200)
    }
  }
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}

export const keys = new Keys()
