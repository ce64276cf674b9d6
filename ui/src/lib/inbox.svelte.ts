// What waits for people, on all boards.
import { api, Refusal, type InboxItem } from './api'
import { board } from './board.svelte'
import { Live } from './live.svelte'
import { session } from './session.svelte'
import { words } from './words'

const seldom = 15_000 // what no stream tells of: other boards' items that replace one another
const soon = 150

export const keyOf = (i: InboxItem) => [i.kind, i.board, i.task_id, i.scope, i.kind === 'messages' ? i.reason : ''].join(' ')

class Inbox {
  items = $state.raw<InboxItem[] | undefined>()
  problem = $state('')
  last = '' // key of the item that had the focus
  live: Live
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor() {
    this.live = new Live({ event: () => this.soon(), line: () => {}, gates: () => {}, inbox: () => this.soon(), reset: () => this.soon(), gone: () => void session.readBoards().catch(() => {}) })
  }

  // watch follows the streams of a board, which tells of the others, too.
  watch(slug: string): () => void {
    let watching = true
    void this.load()
    void api.cards(slug, { limit: 1 }).then(
      (page) => watching && this.live.follow(slug, page.latest_event),
      () => {},
    )
    const timer = setInterval(() => !document.hidden && void this.load(), seldom)
    return () => {
      watching = false
      clearInterval(timer)
      this.live.stop()
    }
  }

  soon() {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.load()
    }, soon)
  }

  async load() {
    try {
      this.items = await api.inbox()
      board.inbox = this.items.length
      this.problem = ''
    } catch (e) {
      this.problem = e instanceof Refusal && e.status !== 0 ? e.message : words.noAnswer
    }
  }

  // settle takes away what was just dealt with, until the next answer tells.
  settle(item: InboxItem) {
    this.items = this.items?.filter((i) => i !== item)
    board.inbox = this.items?.length ?? board.inbox
    this.soon()
  }
}

export const inbox = new Inbox()
