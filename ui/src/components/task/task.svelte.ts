// One task as its page shows it, kept true by the board's stream.
import { api, Refusal, type Card, type Details, type Run, type Task } from '../../lib/api'
import { board } from '../../lib/board.svelte'

type Now = Pick<Task, 'version' | 'status' | 'assignee' | 'current_run' | 'block_kind' | 'block_reason'>

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
    const told = (e: { task: string } | undefined, card?: Card | null) => {
      if (card && card.id === this.details?.id) this.took({ ...card, assignee: card.lane, current_run: card.run?.id, block_reason: card.reason })
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

  // took shows at once what an answer or an event tells of it.
  took({ version, status, assignee, current_run, block_kind, block_reason }: Now) {
    const d = this.details
    if (!d || version < d.version) return
    this.details = { ...d, version, status, assignee, current_run, block_kind, block_reason }
    this.soon()
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
