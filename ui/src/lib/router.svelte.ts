// Where we are: path and query of the address bar, as state.

export type View = 'inbox' | 'board' | 'graph' | 'fleet' | 'boards' | 'settings' | 'notifications' | 'unknown'

export interface Route {
  view: View
  board: string // "" where the path names none
  task: string // the one whose drawer is open
}

function parse(path: string): Route {
  const [first = '', board = '', third = '', task = '', more] = path.split('/').filter(Boolean).map(decode)
  const at = (view: View): Route => ({ view, board: '', task: '' })
  if (more !== undefined) return at('unknown')
  if (first === '') return at('inbox')
  if (first === 'b' && board !== '') {
    if (third === '') return { view: 'board', board, task: '' }
    if (third === 't' && task !== '') return { view: 'board', board, task }
    if (third === 'graph' && task === '') return { view: 'graph', board, task: '' }
    return at('unknown')
  }
  if (board === '' && (first === 'inbox' || first === 'fleet' || first === 'boards' || first === 'settings' || first === 'notifications')) return at(first)
  return at('unknown')
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

class Router {
  path = $state(location.pathname)
  search = $state(location.search)
  route = $derived(parse(this.path))
  query = $derived(new URLSearchParams(this.search))

  constructor() {
    addEventListener('popstate', () => this.#read())
    // A click on a link of ours changes the view and loads nothing.
    document.addEventListener('click', (e) => {
      if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return
      const link = (e.target as Element).closest?.('a[href]')
      if (!(link instanceof HTMLAnchorElement) || link.origin !== location.origin || link.target !== '' || link.hasAttribute('download')) return
      if (link.pathname.startsWith('/api/')) return
      e.preventDefault()
      this.go(link.pathname + link.search)
    })
  }

  #read() {
    this.path = location.pathname
    this.search = location.search
  }

  go(to: string, how: 'push' | 'replace' = 'push') {
    if (how === 'push' && to === location.pathname + location.search) return
    if (how === 'push') history.pushState({ from: this.path }, '', to)
    else history.replaceState(history.state, '', to)
    this.#read()
  }

  // leave closes what was opened from another view by going back there.
  leave(otherwise: string) {
    const from: string | undefined = history.state?.from
    if (from !== undefined && parse(from).view !== 'board') history.back()
    else this.go(otherwise)
  }

  // set changes the query; empty values leave it.
  set(values: Record<string, string>) {
    const q = new URLSearchParams(this.search)
    for (const [key, value] of Object.entries(values)) {
      if (value === '') q.delete(key)
      else q.set(key, value)
    }
    const text = q.toString()
    this.go(this.path + (text === '' ? '' : `?${text}`), 'replace')
  }
}

export const router = new Router()

export const boardPath = (board: string) => `/b/${encodeURIComponent(board)}`
export const graphPath = (board: string) => `${boardPath(board)}/graph`
// taskPath keeps the query: behind the drawer the board stays as it is filtered.
export const taskPath = (board: string, task: string, search = '') => `${boardPath(board)}/t/${encodeURIComponent(task)}${search}`
