// One task as its page shows it, kept true by the board's stream.
import { api, Refusal, type Details, type Run } from '../../lib/api'
import { board } from '../../lib/board.svelte'

const rest = 600 // between two loads, while much happens

export class OpenTask {
  details = $state.raw<Details | undefined>()
  problem = $state.raw<Refusal | undefined>()
  #loading = false
  #again = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #closed = false

  constructor(
    readonly board: string,
    readonly id: string,
  ) {}

  // open loads and follows; what it returns ends that.
  open(): () => void {
    const told = (e: { task: string; kind: string } | undefined) => {
      if (e === undefined || e.task === this.id || e.task === this.details?.id || this.#linked(e.task)) this.soon()
    }
    board.heard.add(told)
    void this.load()
    return () => {
      this.#closed = true
      clearTimeout(this.#timer)
      board.heard.delete(told)
    }
  }

  #linked(task: string): boolean {
    const d = this.details
    return d !== undefined && (d.parents.some((l) => l.parent === task) || d.children.some((l) => l.child === task))
  }

  soon() {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.load()
    }, 60)
  }

  async load() {
    if (this.#closed) return
    if (this.#loading) return void (this.#again = true)
    this.#loading = true
    try {
      this.details = await api.task(this.board, this.id)
      this.problem = undefined
    } catch (e) {
      if (!(e instanceof Refusal)) throw e
      this.problem = e
      if (e.status === 404) this.details = undefined
      if (e.retryable) this.#again = true
    }
    setTimeout(() => {
      this.#loading = false
      if (!this.#again) return
      this.#again = false
      void this.load()
    }, rest)
  }
}

// newest is the run that began last.
export const newest = (d: Details): Run | undefined => d.runs.at(-1)

export const open = (r: Run) => r.outcome === undefined || r.outcome === ''
