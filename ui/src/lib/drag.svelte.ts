// Carrying cards to another column: with the mouse, with a finger held down, or
// with the keyboard.
import { legal, move } from './actions'
import { board } from './board.svelte'
import { selection } from './selection.svelte'

const far = 6 // pixels that make a press a drag
const held = 260 // milliseconds that make a touch one
const edge = 56 // pixels at the side of the board where it scrolls
const pace = 10 // pixels per frame

class Drag {
  ids = $state.raw<string[]>([])
  legal = $state.raw(new Set<string>())
  over = $state('') // where it would be dropped
  barred = $state('') // what is under the pointer, but may not be dropped on
  x = $state(0)
  y = $state(0)
  how = $state<'' | 'mouse' | 'touch' | 'keys'>('')
  #press: { id: string; x: number; y: number; pointer: number; timer?: ReturnType<typeof setTimeout> } | undefined
  #scroller: HTMLElement | undefined
  #scrolling = 0

  get on() {
    return this.how !== ''
  }

  // attach listens on the element that holds the columns.
  attach(scroller: HTMLElement): () => void {
    this.#scroller = scroller
    // Only a listener that is there before the touch can keep it from scrolling.
    const keep = (e: Event) => this.how === 'touch' && e.preventDefault()
    const menu = (e: Event) => (this.#press || this.on) && this.how !== 'mouse' && matchMedia('(pointer: coarse)').matches && e.preventDefault()
    scroller.addEventListener('touchmove', keep, { passive: false })
    scroller.addEventListener('contextmenu', menu)
    return () => {
      scroller.removeEventListener('touchmove', keep)
      scroller.removeEventListener('contextmenu', menu)
      this.cancel()
    }
  }

  press(e: PointerEvent, id: string) {
    if (e.button !== 0 || !e.isPrimary || this.on) return
    this.#release()
    const touch = e.pointerType === 'touch'
    this.#press = { id, x: e.clientX, y: e.clientY, pointer: e.pointerId }
    if (touch) {
      const { clientX, clientY } = e
      this.#press.timer = setTimeout(() => this.#begin('touch', clientX, clientY), held)
    }
    addEventListener('pointermove', this.#moved)
    addEventListener('pointerup', this.#up)
    addEventListener('pointercancel', this.#gone)
    addEventListener('keydown', this.#key, true)
  }

  #moved = (e: PointerEvent) => {
    const p = this.#press
    if (!p || e.pointerId !== p.pointer) return
    if (!this.on) {
      if (Math.hypot(e.clientX - p.x, e.clientY - p.y) < far) return
      if (p.timer !== undefined) return this.#release() // it scrolls
      this.#begin('mouse', e.clientX, e.clientY)
    }
    this.#at(e.clientX, e.clientY)
  }

  #begin(how: 'mouse' | 'touch', x: number, y: number) {
    const id = this.#press!.id
    this.ids = selection.ids.has(id) ? selection.chosen() : [id]
    this.legal = legal(this.ids)
    this.how = how
    this.#at(x, y)
    if (how === 'touch' && navigator.userActivation?.hasBeenActive) navigator.vibrate?.(12) // else the browser objects
    getSelection()?.removeAllRanges()
    this.#scroll()
  }

  #at(x: number, y: number) {
    this.x = x
    this.y = y
    const column = document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-column]')?.dataset.column ?? ''
    this.over = this.legal.has(column) ? column : ''
    this.barred = this.over === '' && !this.from(column) ? column : ''
  }

  // from tells whether a column is one that the cards come from.
  from(status: string): boolean {
    return this.ids.some((id) => board.cards.get(id)?.status === status)
  }

  #scroll() {
    cancelAnimationFrame(this.#scrolling)
    const step = () => {
      if (!this.on || this.how === 'keys' || !this.#scroller) return
      const box = this.#scroller.getBoundingClientRect()
      const by = this.x > box.right - edge ? pace : this.x < box.left + edge ? -pace : 0
      if (by !== 0) {
        this.#scroller.scrollLeft += by
        this.#at(this.x, this.y)
      }
      this.#scrolling = requestAnimationFrame(step)
    }
    this.#scrolling = requestAnimationFrame(step)
  }

  #up = (e: PointerEvent) => {
    if (e.pointerId !== this.#press?.pointer) return
    if (this.on) {
      const { id, x, y } = this.#press
      const stayed = Math.hypot(e.clientX - x, e.clientY - y) < far
      this.#at(e.clientX, e.clientY)
      // The click that follows is none.
      const swallow = (c: Event) => {
        c.preventDefault()
        c.stopPropagation()
      }
      addEventListener('click', swallow, { capture: true, once: true })
      setTimeout(() => removeEventListener('click', swallow, true), 50)
      // A finger that was held and did not go anywhere selects.
      if (this.how === 'touch' && stayed) {
        this.cancel()
        selection.toggle(id)
      } else this.drop()
    }
    this.#release()
  }

  #gone = () => this.cancel()

  #key = (e: KeyboardEvent) => {
    if (e.key !== 'Escape' || !this.on) return
    e.stopPropagation()
    this.cancel()
  }

  #release() {
    clearTimeout(this.#press?.timer)
    this.#press = undefined
    removeEventListener('pointermove', this.#moved)
    removeEventListener('pointerup', this.#up)
    removeEventListener('pointercancel', this.#gone)
    removeEventListener('keydown', this.#key, true)
  }

  // lift carries cards with the keyboard; false if they may go nowhere.
  lift(ids: string[]): boolean {
    const to = legal(ids)
    if (to.size === 0) return false
    this.ids = ids
    this.legal = to
    this.how = 'keys'
    this.over = ''
    this.aim(1)
    return true
  }

  // aim goes to the next legal column on a side.
  aim(by: 1 | -1) {
    const order = board.columns.map((c) => c.status)
    const at = order.indexOf(this.over || board.cards.get(this.ids[0]!)?.status || '')
    for (let n = 1; n <= order.length; n++) {
      const status = order[(at + by * n + order.length * n) % order.length]!
      if (this.legal.has(status)) return void (this.over = status)
    }
  }

  drop() {
    const { ids, over } = this
    this.cancel()
    if (over !== '') void move(ids, over)
  }

  cancel() {
    this.how = ''
    this.ids = []
    this.legal = new Set()
    this.over = this.barred = ''
    cancelAnimationFrame(this.#scrolling)
    this.#release()
  }
}

export const drag = new Drag()
