// Short messages at the edge: what was done, with the way back, and what went
// wrong, with the way out.
import { Refusal } from './api'
import { words } from './words'

export interface Toast {
  key: number
  text: string
  hint?: string | undefined
  bad: boolean
  undo?: (() => void | Promise<void>) | undefined
}

const short = 6_000
const long = 10_000

class Toasts {
  all = $state<Toast[]>([])
  #next = 1

  #add(t: Omit<Toast, 'key'>) {
    const toast = { ...t, key: this.#next++ }
    this.all = [...this.all.slice(-3), toast]
    setTimeout(() => this.close(toast.key), t.bad || t.undo ? long : short)
  }

  say(text: string, undo?: Toast['undo']) {
    this.#add({ text, bad: false, undo })
  }

  // fail tells what was refused.
  fail(e: unknown, what = '') {
    if (e instanceof Refusal) {
      const why = e.status === 0 ? words.noAnswer : e.message
      this.#add({ text: what === '' ? why : `${what}: ${why}`, hint: e.hint, bad: true })
    } else {
      console.error(e)
      this.#add({ text: e instanceof Error ? e.message : String(e), bad: true })
    }
  }

  close(key: number) {
    this.all = this.all.filter((t) => t.key !== key)
  }

  // undo takes the newest way back.
  undo(): boolean {
    const last = this.all.findLast((t) => t.undo)
    if (!last) return false
    this.close(last.key)
    void last.undo?.()
    return true
  }
}

export const toasts = new Toasts()
