// The API, typed. Every answer is one of schema.ts, which is made from the
// API's own description.
import type * as t from './schema'

export type * from './schema'

const root = '/api/v1'

// Refusal is an answer that is not a success: what is wrong, and the way out.
export class Refusal extends Error {
  constructor(
    message: string,
    readonly status: number, // 0 = no answer came
    readonly code: string,
    readonly hint = '',
    readonly retryable = false,
  ) {
    super(message)
  }
}

type Query = Record<string, string | number | boolean | string[] | undefined>

export function url(path: string, query: Query = {}): string {
  const q = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (Array.isArray(value)) for (const one of value) q.append(key, one)
    else if (value !== undefined && value !== '' && value !== false) q.set(key, String(value))
  }
  const text = q.toString()
  return root + path + (text === '' ? '' : `?${text}`)
}

// refused reads why an answer is none.
export async function refused(answer: Response): Promise<Refusal> {
  let problem: Partial<t.Problem> = {}
  try {
    problem = await answer.json()
  } catch {
    // something between us and the gateway
  }
  const code = problem.code ?? (answer.status === 401 ? 'unauthorized' : answer.status >= 500 ? 'unavailable' : 'internal')
  return new Refusal(problem.detail ?? `${answer.status} ${answer.statusText}`, answer.status, code, problem.hint, problem.retryable ?? answer.status >= 500)
}

// signedOut is told when the session has ended, and why.
let signedOut = (_why: string) => {}
export const onSignedOut = (then: (why: string) => void) => (signedOut = then)
export const tellSignedOut = (why: Refusal) => why.status === 401 && signedOut(why.message)

// operation names a change, so that sending it again does it once.
const operation = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, '0')).join('')

// send tries again when no answer came, as while a gateway restarts.
async function send(to: string, init: RequestInit): Promise<Response> {
  for (const wait of [200, 800, 0]) {
    try {
      return await fetch(to, init)
    } catch (e) {
      if (init.signal?.aborted) throw e
      await new Promise((then) => setTimeout(then, wait))
    }
  }
  throw new Refusal('', 0, 'unavailable', '', true)
}

async function call<T>(method: string, path: string, query?: Query, body?: unknown, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<T> {
  const init: RequestInit = { method, headers: { Accept: 'application/json', ...headers }, signal: signal ?? null }
  if (body !== undefined) {
    init.body = JSON.stringify(body)
    init.headers = { ...init.headers, 'Content-Type': 'application/json' }
  }
  if (method !== 'GET') init.headers = { ...init.headers, 'Idempotency-Key': operation() }
  const answer = await send(url(path, query), init)
  if (!answer.ok) {
    const why = await refused(answer)
    tellSignedOut(why)
    throw why
  }
  return (answer.status === 204 ? undefined : await answer.json()) as T
}

// fetched is an answer that is no JSON.
async function fetched(path: string, query: Query, headers: Record<string, string>, signal?: AbortSignal): Promise<Response> {
  let answer: Response
  try {
    answer = await fetch(url(path, query), { headers, signal: signal ?? null })
  } catch (e) {
    if (signal?.aborted) throw e
    throw new Refusal('', 0, 'unavailable', '', true)
  }
  if (!answer.ok) {
    const why = await refused(answer)
    tellSignedOut(why)
    throw why
  }
  return answer
}

const get = <T>(path: string, query?: Query, signal?: AbortSignal) => call<T>('GET', path, query, undefined, {}, signal)
const post = <T>(path: string, body?: unknown) => call<T>('POST', path, undefined, body ?? {})
const items = async <T>(path: string, query?: Query) => (await get<{ items: T[] | null }>(path, query)).items ?? []

const on = (board: string, path = '') => `/boards/${encodeURIComponent(board)}${path}`
const task = (board: string, id: string, path = '') => on(board, `/tasks/${encodeURIComponent(id)}${path}`)

export interface CardQuery extends Query {
  id?: string[]
  status?: string[]
  lane?: string
  tenant?: string
  label?: string
  text?: string
  parent?: string
  sort?: string
  limit?: number
  cursor?: string
}

export interface BulkRequest {
  ids: string[]
  action: 'move' | 'assign' | 'priority' | 'archive' | 'delete' | 'retry' | 'stop' | 'comment'
  to?: string
  lane?: string
  priority?: number
  reason?: string
  summary?: string
  comment?: string
  stop?: boolean
}

export interface BulkResult {
  id: string
  ok: boolean
  card?: t.Card
  undo?: t.MoveRequest
  problem?: t.Problem
}

export const api = {
  meta: () => get<t.Meta>('/meta'),

  boards: (archived = false) => items<t.Board>('/boards', { archived }),
  createBoard: (b: t.BoardCreate) => post<t.Board>('/boards', b),
  editBoard: (board: string, b: t.BoardChange) => call<t.Board>('PATCH', on(board), undefined, b),
  archiveBoard: (board: string) => post<t.Board>(on(board, '/archive')),
  restoreBoard: (board: string) => post<t.Board>(on(board, '/restore')),
  board: (board: string) => get<t.Board>(on(board)),
  stats: (board: string) => get<t.Stats>(on(board, '/stats')),
  lanes: (board: string) => items<t.Lane>(on(board, '/lanes')),

  cards: (board: string, q: CardQuery, signal?: AbortSignal) => get<t.CardPage>(on(board, '/cards'), q, signal),
  move: (board: string, id: string, r: t.MoveRequest) => post<t.Moved>(task(board, id, '/move'), r),
  bulk: async (board: string, r: BulkRequest) => (await post<{ results: BulkResult[] }>(on(board, '/bulk'), r)).results,

  task: (board: string, id: string) => get<t.Details>(task(board, id)),
  createTask: (board: string, r: t.TaskCreate) => post<t.TaskCreated>(on(board, '/tasks'), r),
  editTask: (board: string, id: string, r: t.TaskEdit, version?: number) =>
    call<t.Task>('PATCH', task(board, id), undefined, r, version ? { 'If-Match': `"${version}"` } : {}),
  deleteTask: (board: string, id: string, stop = false) => call<t.Task>('DELETE', task(board, id), { stop }),
  explain: (board: string, id: string) => get<t.Task>(task(board, id, '/explain')),
  comment: (board: string, id: string, body: string) => post<t.Comment>(task(board, id, '/comments'), { body }),
  link: (board: string, parent: string, child: string, when = '') => call<t.Task>('PUT', task(board, child, `/parents/${encodeURIComponent(parent)}`), { when }),
  unlink: (board: string, parent: string, child: string) => call<t.Task>('DELETE', task(board, child, `/parents/${encodeURIComponent(parent)}`)),
  // act asks for a verb: approve, reject, unblock, retry, stop, ...
  // With a version it is done only if that is still the task's.
  act: (board: string, id: string, verb: string, body?: unknown, version?: number) =>
    call<t.Task>('POST', task(board, id, `/${verb}`), undefined, body ?? {}, version ? { 'If-Match': `"${version}"` } : {}),
  runs: (board: string, id: string) => items<t.Run>(task(board, id, '/runs')),
  events: (board: string, of: string, limit: number) => items<t.Event>(on(board, '/events'), { task: of, limit, last: true }),
  plan: (board: string, id: string) => get<t.Planning>(task(board, id, '/plan')),
  decidePlan: (board: string, id: string, verdict: 'approve' | 'reject', reason = '') =>
    post<t.Planning>(task(board, id, `/plan/${verdict}`), verdict === 'reject' ? { reason } : {}),
  diff: (board: string, id: string, q: Query, signal?: AbortSignal) => fetched(task(board, id, '/diff'), q, {}, signal),
  artifact: (board: string, id: string, sha256: string, most: number) => fetched(task(board, id, `/artifacts/${sha256}`), {}, { Range: `bytes=0-${most - 1}` }),

  inbox: (board = '') => items<t.InboxItem>('/inbox', { board }),
  holds: () => items<t.Hold>('/holds'),
  pull: (r: t.PullRequest) => post<t.PullReply>('/holds', r),
  resume: (scope: string) => call<void>('DELETE', `/holds/${encodeURIComponent(scope)}`),
  graph: (board: string, q: { root: string; finished: boolean }) => get<t.Graph>(on(board, '/graph'), q),
  report: (q: { since?: string; by?: string[] }) => get<t.Report>('/report', q),
  switchBoard: (board: string) => call<void>('PUT', '/current-board', undefined, { board }),
  subscriptions: (board: string) => items<t.Subscription>(on(board, '/subscriptions')),
  subscriptionsOf: (board: string, task: string) => items<t.Subscription>(on(board, '/subscriptions'), { task }),
  places: (board: string) => items<t.NamedPlace>(on(board, '/places')),
  subscribe: (board: string, r: t.SubscriptionCreate) => post<t.Subscription>(on(board, '/subscriptions'), r),
  editSubscription: (board: string, id: number, kinds: string[]) => call<t.Subscription>('PATCH', on(board, `/subscriptions/${id}`), undefined, { kinds }),
  unsubscribe: (board: string, id: number) => call<void>('DELETE', on(board, `/subscriptions/${id}`)),
  undelivered: (board: string) => items<t.Delivery>(on(board, '/deliveries'), { state: 'undelivered' }),
  retryDeliveries: (board: string, id?: number) => call<t.Count>('POST', on(board, '/deliveries/retry'), { id: id?.toString() }),
  tokens: () => items<t.Token>('/tokens'),
  createToken: (r: t.TokenCreate) => post<t.TokenCreated>('/tokens', r),
  revokeToken: (id: string) => call<void>('DELETE', `/tokens/${encodeURIComponent(id)}`),
  chat: () => get<t.Chat>('/chat'),
  approveGuest: (a: t.ChatApproval) => post<t.ChatGuest>('/chat/guests', a),
  setGuestRole: (name: string, role: string) => call<t.ChatGuest>('PATCH', `/chat/guests/${encodeURIComponent(name)}`, undefined, { role }),
  removeGuest: (name: string) => call<void>('DELETE', `/chat/guests/${encodeURIComponent(name)}`),
  endSession: () => call<void>('DELETE', '/session'),
  config: () => get<Record<string, unknown>>('/config'),
  reopenBoard: (board: string) => post<t.Board>(on(board, '/reopen')),
  reopenHome: () => post<void>('/reopen'),
  settings: () => get<t.Settings>('/config/settings'),
  editConfig: (set: Record<string, string>, version?: string) => call<t.Settings>('PATCH', '/config', undefined, { set }, version ? { 'If-Match': `"${version}"` } : {}),
  reload: () => post<void>('/gateway/reload'),
  nudge: () => post<void>('/dispatch'),
  testLanes: async (board: string, lanes: string[]) => (await post<{ items: t.LaneTest[] }>(on(board, '/lanes/test'), { lanes })).items,
  gateway: () => get<t.Gateway>('/gateway'),
  accounts: () => items<t.Account>('/accounts'),
}

export const streamURL = (board: string, after: number) => url(on(board, '/stream'), { after })
export const logURL = (board: string, run: number, offset = 0) => url(on(board, `/runs/${run}/log/stream`), { offset })
export const artifactURL = (board: string, id: string, sha256: string) => url(task(board, id, `/artifacts/${sha256}`))
