// Short messages at the edge: what was done, with the way back, and what went
// wrong, with the way out.
import { Refusal } from './api'
import { words } from './words'

export interface Toast {
  key: number
  text: string
  hint?: string | undefined
  bad: boolean
  list?: string[] // of what it is about, one by one
  undo?: (() => void | Promise<void>) | undefined
}

const short = 6_000
const long = 10_000
const most = 5 // of what is told one by one

class Toasts {
  all = $state<Toast[]>([])
  #next = 1
  #acts: Toast[] = [] // what was done of late, whether or not its toast is still there

  #add(t: Omit<Toast, 'key'>, ms: number): Toast {
    const toast = { ...t, key: this.#next++ }
    this.all = [...this.all.slice(-3), toast]
    if (!t.list) setTimeout(() => this.close(toast.key), ms)
    return toast
  }

  // say tells what was done, with its way back if it has one.
  say(text: string, undo?: Toast['undo']) {
    const act = this.#add({ text, bad: false, undo }, undo ? long : short)
    this.#acts.push(act)
    setTimeout(() => this.#forget(act), long)
  }

  // note tells what nobody would undo.
  note(text: string) {
    this.#add({ text, bad: false }, short)
  }

  #forget(act: Toast) {
    this.#acts = this.#acts.filter((a) => a.key !== act.key)
  }

  // fail tells what was refused.
  fail(e: unknown, what = '') {
    if (e instanceof Refusal) {
      const why = e.status === 0 ? words.noAnswer : e.message
      this.#add({ text: what === '' ? why : `${what}: ${why}`, hint: e.hint, bad: true }, long)
    } else {
      console.error(e)
      this.#add({ text: e instanceof Error ? e.message : String(e), bad: true }, long)
    }
  }

  // failEach tells what was refused, of each; it stays until it is closed.
  failEach(what: string, all: { title: string; why: Refusal }[]) {
    const said = all.slice(0, most).map((f) => words.whichAndWhy(f.title, f.why.status === 0 ? words.noAnswer : f.why.message))
    const more = all.length - said.length
    this.#add({ text: what, bad: true, list: more > 0 ? [...said, words.andMore(more)] : said }, long)
  }

  close(key: number) {
    this.all = this.all.filter((t) => t.key !== key)
  }

  #underWay = new Set<Promise<unknown>>()

  // doing is told of what may have a way back once it is done.
  doing<T>(act: Promise<T>): Promise<T> {
    this.#underWay.add(act)
    const ended = () => void this.#underWay.delete(act)
    act.then(ended, ended)
    return act
  }

  #undoing: Promise<void> = Promise.resolve()

  // undo takes back what was done last, also what is not answered yet; then what
  // was done before that. It passes over nothing that has no way back.
  undo() {
    this.#undoing = this.#undoing.then(async () => {
      await Promise.allSettled(this.#underWay)
      const last = this.#acts.at(-1)
      if (!last) return this.note(words.nothingToUndo)
      if (!last.undo) return this.note(words.cannotUndo(last.text))
      await this.takeBack(last)
    })
  }

  // takeBack undoes one act, whatever was done since.
  async takeBack(act: Toast) {
    this.close(act.key)
    this.#forget(act)
    await act.undo?.()
  }
}

export const toasts = new Toasts()
