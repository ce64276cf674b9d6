// Made from the description of the API: go generate ./internal/httpapi

export interface Account {
  /** cool-downs, and cords that were pulled */
  holds?: Hold[] | null
  lanes: string[] | null
  max_parallel?: number
  name: string
  running: number
  /** ready tasks of its lanes */
  waiting: number
}

export interface ApproveRequest {
  reason?: string
  /** what was looked at; conflict if another was handed in last */
  revision?: string
}

export interface Artifact {
  path: string
  run: number
  sha256: string
  size: number
  task: string
  type: string
}

export interface AssignRequest {
  assignee: string
  /** it is reviewed as the new lane says; the reviewer of the old one goes along if absent */
  lane_review?: boolean
  /** it is verified as the new lane says; what the old one asks goes along if absent */
  lane_verify?: boolean
  reason?: string
  /** end a run in progress first */
  reclaim?: boolean
}

export interface Backup {
  andon_version?: string
  /** files of runs kept with it */
  artifacts: number
  at: string
  board: string
  board_id?: string
  events: number
  id: string
  kind: 'manual' | 'scheduled' | 'migration'
  last_event: number
  /** files that the board refers to and did not have any more */
  missing_artifacts?: number
  path: string
  /** why it cannot be restored */
  problem?: string
  runs: number
  schema: number
  sha256?: string
  /** of the database, in bytes */
  size: number
  tasks: number
  /** when it was last read whole */
  verified_at?: string
}

export interface BackupRef {
  /** its id, or an absolute path */
  backup: string
}

export interface BackupRequest {
  /** absolute folder; if absent that of backup.to in andon.yaml, else andon/backups of the home */
  to?: string
}

export interface BlockRequest {
  artifacts?: string[] | null
  /** needs_input, capability, transient, dependency or operator */
  kind?: string
  metadata?: unknown
  reason: string
  run?: number
  token?: string
}

export interface Board {
  archived?: boolean
  color?: string
  /** tasks by status; those of an archived board are not counted */
  counts: Record<string, number>
  created?: boolean
  created_at?: string
  current: boolean
  default_workdir?: string
  description?: string
  /** the way out of the problem */
  hint?: string
  icon?: string
  /** those of its tasks, told as tenants are */
  labels?: string[] | null
  /** it stopped writing at the first sign of damage, until it is reopened */
  latched?: boolean
  name: string
  /** why it cannot be read or written */
  problem?: string
  slug: string
  /** those of its tasks, and those that andon.yaml names, for people; of one board only, not in lists */
  tenants?: string[] | null
}

export interface BoardChange {
  color?: string
  default_workdir?: string
  description?: string
  icon?: string
  name?: string
}

export interface BoardCreate {
  color?: string
  default_workdir?: string
  description?: string
  icon?: string
  name?: string
  /** any spelling */
  slug: string
}

export interface Budget {
  /** in US dollars, to the millionth */
  cost_usd?: number
  tokens?: number
}

export interface BulkReply {
  results: BulkResult[]
}

export interface BulkRequest {
  /** move, assign, priority, archive, delete, retry, stop or comment */
  action: string
  comment?: string
  /** 1 to 500 */
  ids: string[] | null
  /** of assign; absent = nobody */
  lane?: string
  priority?: number
  reason?: string
  /** of delete and assign: end a run in progress first */
  stop?: boolean
  /** of move: of work that is done */
  summary?: string
  /** of move: a status */
  to?: string
}

export interface BulkResult {
  /** as it is now; absent if it is gone */
  card?: Card
  id: string
  ok: boolean
  /** why it was refused */
  problem?: Error
  /** of move, archive and stop: as of Moved; absent if nothing takes it back */
  undo?: MoveRequest
}

export interface Card {
  attempts: number
  block_kind?: string
  /** tasks that wait for it */
  children?: Progress
  comments: number
  created_at: string
  /** attempts that failed in a row */
  failed?: number
  gates?: Gate[] | null
  id: string
  labels?: string[] | null
  lane: string
  /** statuses to which the caller may move it */
  moves: string[]
  parents: number
  priority: number
  /** of a block; of an archived one how it ended */
  reason?: string
  reviewer?: string
  /** the open one */
  run?: CardRun
  /** since when it is in its status; for what is done or blocked again, time in the archive counts */
  since: string
  status: string
  tenant?: string
  title: string
  updated_at?: string
  version: number
}

export interface CardPage {
  /** cards in each status under the same filter; archived ones only if asked for */
  counts: Record<string, number>
  items: Card[]
  latest_event: number
  /** cursor of the following page, empty at the end */
  next: string
}

export interface CardRun {
  cost_usd?: number
  id: number
  lane: string
  /** the last line of its output that says something, at most 200 bytes */
  last_line?: string
  last_output_at?: string
  started_at: string
}

export interface Chat {
  connections: ChatConnection[] | null
  guests: ChatGuest[] | null
  /** who asked to come in and was not approved yet */
  waiting: ChatWaiting[] | null
}

export interface ChatApproval {
  code: string
  /** absent: as the platform shows them */
  name?: string
  /** read, comment, operate or admin */
  role: string
}

export interface ChatConnect {
  /** of the platform, if not its own */
  api?: string
  /** of the app, which slack needs to listen */
  app_token?: string
  /** where messages go that name no chat */
  chat?: string
  /** of its sink in andon.yaml; absent: as the type */
  name?: string
  /** of the bot */
  token: string
  type: 'telegram' | 'slack'
}

export interface ChatConnected {
  /** as the platform calls it */
  bot: string
  sink: string
  /** where people write to it */
  url?: string
}

export interface ChatConnection {
  since: string
  /** its sink in andon.yaml */
  sink: string
  /** why it receives nothing */
  trouble?: string
}

export interface ChatGuest {
  /** who let them in */
  by: string
  /** the chat that their own messages go to */
  home?: string
  /** what events call them */
  name: string
  /** read, comment, operate or admin */
  role: string
  /** as the platform showed them */
  shown?: string
  since: string
  sink: string
  /** the platform's id */
  user: string
}

export interface ChatRole {
  /** read, comment, operate or admin */
  role: string
}

export interface ChatWaiting {
  shown?: string
  sink: string
  /** their code is valid until then */
  until: string
  user: string
}

export interface Checkup {
  /** worst first */
  findings: Symptom[] | null
  home: string
  /** of who looked */
  version: string
}

export interface Claim {
  branch?: string
  context: string
  expires_at: string
  /** of a tended claim */
  order?: Order
  run: number
  task: Task
  /** told once */
  token: string
  workspace: string
}

export interface ClaimNext {
  lane: string
  /** the caller is a process of the gateway's machine that starts the worker as order says and tells with exit how it ended; its own end is the run's */
  tended?: boolean
  /** a duration; the configured lease if absent */
  ttl?: string
  /** how long to wait until it may be claimed, a duration of at most 60s */
  wait?: string
}

export interface ClaimRequest {
  /** the caller is a process of the gateway's machine that starts the worker as order says and tells with exit how it ended; its own end is the run's */
  tended?: boolean
  /** a duration; the configured lease if absent */
  ttl?: string
  /** how long to wait until it may be claimed, a duration of at most 60s */
  wait?: string
}

export interface Comment {
  author: string
  body: string
  created_at: string
  id: number
  task: string
}

export interface CommentCreate {
  body: string
}

export interface Contradiction {
  event?: number
  rule: string
  run?: number
  /** warning where another program has written, error or critical */
  severity: string
  task?: string
  what: string
}

export interface Count {
  count: number
}

export interface CurrentBoard {
  board: string
}

export interface Delivery {
  attempts: number
  /** of those that go together; absent: by itself */
  digest?: number
  error?: string
  event: Event
  id: number
  next_at?: string
  /** where it goes, like what follows; absent: nobody knows any more */
  sink?: string
  state: string
  /** the first that asked for it; 0: none, it takes back what a message asks for */
  subscription: number
  target?: string
  thread?: string
}

export interface Details {
  artifacts: Artifact[]
  assignee: string
  block_kind?: string
  block_reason?: string
  body?: string
  branch?: string
  budget?: Budget
  children: Link[]
  /** how an archived task ended */
  closed?: string
  comments: Comment[]
  completed_at?: string
  created_at: string
  created_by?: string
  current_run?: number
  /** the newest 50 */
  events: Event[]
  failures?: number
  /** why it is not running */
  gates?: Gate[] | null
  heartbeat?: string
  /** so many failed attempts in a row leave it to a human: its max_attempts, else what is configured */
  held_after?: number
  id: string
  idempotency_key?: string
  /** in lower case, sorted */
  labels?: string[] | null
  last_error?: string
  lease_ends?: string
  max_attempts?: number
  /** so often changes requested lead to a new run; the next time a human decides */
  max_rounds?: number
  /** a duration such as 30m0s */
  max_runtime?: string
  model?: string
  not_before?: string
  /** continue or fresh */
  on_retry?: string
  /** task whose run created this one */
  origin?: string
  /** it says itself what verifies it, be it nothing */
  own_verify?: boolean
  parents: Link[]
  priority: number
  repo?: string
  result?: string
  review_rounds?: number
  /** who reviews it, a lane or human, by its own word or its lane's */
  reviewed_by?: string
  /** a lane, or human */
  reviewer?: string
  /** the task whose submission this one judges */
  reviews?: string
  /** what was handed in last: a commit, or a hash of its artifacts */
  revision?: string
  runs: Run[]
  session_id?: string
  skills?: string[] | null
  started_at?: string
  status: string
  tenant?: string
  title: string
  /** of explain, to people: messages about it that were given up */
  untold?: string[] | null
  updated_at?: string
  /** what verifies it: its own commands, else its lane's */
  verified_by?: (string[] | null)[] | null
  /** commands, argv each, that must succeed before it counts as done */
  verify?: (string[] | null)[] | null
  version: number
  worker_pid?: number
  workspace_kind: string
  workspace_path?: string
}

export interface Diagnosis {
  assignee: string
  findings: Finding[]
  status: string
  task_id: string
  title: string
}

export interface Ended {
  run: Run
  task: Task
}

export interface Error {
  /** invalid, not_found, conflict, stale, gated, exhausted, unauthorized, unavailable or internal */
  code: string
  /** what is wrong */
  detail: string
  /** the way out: a command or a sentence */
  hint?: string
  /** the same request may succeed later without anybody changing anything */
  retryable: boolean
  /** the present status of the task concerned */
  state?: string
  /** the HTTP status */
  status: number
  /** the HTTP status in words */
  title: string
}

export interface Event {
  at: string
  id: number
  kind: string
  payload?: Record<string, unknown>
  run?: number
  task: string
}

export interface Exit {
  /** exit status */
  code?: number
  /** why it was not started */
  error?: string
  /** the last lines of its output */
  output?: string
  /** exited if absent */
  reason?: 'exited' | 'timed_out' | 'stopped' | 'spawn_failed'
  run?: number
  /** that ended it, such as SIGKILL */
  signal?: string
  token?: string
}

export interface Finding {
  /** commands, the suggested one first */
  actions?: string[] | null
  count?: number
  data?: Record<string, unknown>
  detail?: string
  kind: string
  severity: 'warning' | 'error' | 'critical'
  since?: string
  title: string
}

export interface GCReport {
  artifacts: number
  dry_run?: boolean
  events: number
  /** boards that were not tended, or only in part, with the reason */
  failed?: string[] | null
  logs: number
  workspaces: number
}

export interface Gate {
  command?: string
  kind: string
  reason: string
  since?: string
  until?: string
}

export interface Gateway {
  /** why the last scheduled backup of a board failed */
  backup_problems?: Record<string, string>
  boards: Board[] | null
  /** why the file on disk is not in force */
  config_error?: string
  dispatching: boolean
  draining?: boolean
  /** the way out of the problem */
  hint?: string
  holds: Hold[] | null
  home: string
  /** live runs per lane */
  lanes: Record<string, number>
  /** why it does not */
  listen_error?: string
  max_parallel: number
  pid?: number
  /** why what spans the boards cannot be read or written */
  problem?: string
  /** why nothing is dispatched */
  reason?: string
  running: boolean
  runs: number
  since?: string
  socket?: string
  /** where it listens on TCP */
  url?: string
  version?: string
}

export interface Graph {
  items: Card[]
  latest_event: number
  /** so many more belong to it than the limit allows */
  left_out?: number
  /** between these tasks */
  links: Link[]
}

export interface GraphCreate {
  tasks: GraphTask[] | null
}

export interface GraphTask {
  assignee?: string
  body?: string
  branch?: string
  /** of all its runs together, instead of what is configured for tasks */
  budget?: Budget
  created_by?: string
  /** starts blocked, for a human to release */
  held?: boolean
  idempotency_key?: string
  /** a name within the graph */
  key: string
  /** words of letters, digits and . _ : / # + -; at most 20 of 50 characters */
  labels?: string[] | null
  max_attempts?: number
  /** so often changes requested lead to a new run; the next time a human decides; the lane's if absent */
  max_rounds?: number
  max_runtime?: string
  model?: string
  not_before?: string
  /** what an attempt after a failed one starts from; absent: as the lane has it */
  on_retry?: 'continue' | 'fresh'
  /** ids, each with its condition if that is not success: t_1f3a9c20:any */
  parents?: string[] | null
  priority?: number
  repo?: string
  /** a lane, or human; the lane's if absent */
  reviewer?: string
  session_id?: string
  skills?: string[]
  /** subscribes to the task in the same step, also to one that has the idempotency key already */
  tell?: Tell
  tenant?: string
  title: string
  triage?: boolean
  /** commands, argv each, that must succeed before it counts as done; absent = the lane's, empty = none */
  verify?: (string[] | null)[]
  workspace_kind?: 'scratch' | 'dir' | 'worktree' | 'clone'
  workspace_path?: string
}

export interface Handoff {
  /** paths in the workspace */
  artifacts?: string[] | null
  /** tasks that the run created */
  created_cards?: string[] | null
  metadata?: unknown
  result?: string
  run?: number
  summary?: string
  token?: string
}

export interface HeartbeatReply {
  expires_at: string
}

export interface HeartbeatRequest {
  /** progress in words; makes an event */
  note?: string
  run?: number
  token?: string
  /** all that the run has used so far */
  usage?: Usage
}

export interface Hold {
  by?: string
  /** pulled, cooldown, paused, or trial: one run is tried after a pause */
  kind: string
  reason?: string
  /** all, board:SLUG, lane:NAME, account:NAME or repo:PATH */
  scope: string
  since: string
  /** of a pause: whose runs failed alike; of a trial: whose run is tried */
  tasks?: TaskRef[] | null
  until?: string
}

export interface ImportReply {
  board: string
  /** errors that verify finds */
  contradictions?: number
  counts: Record<string, number>
  /** runs that were open when the board was exported */
  ended: number
}

export interface InboxItem {
  /** tasks that wait for it, itself among them */
  behind: number
  board?: string
  /** what brings it on, the usual one first */
  commands: string[] | null
  /** question, review, given_up, conflict, budget, blocked, triage, plan, deferred, dead_end, paused, pulled, messages, latched, stopped or config: andon.yaml as it is on disk is not in force */
  kind: string
  lane?: string
  /** answers to choose from */
  options?: string[] | null
  reason: string
  /** of paused and pulled: what starts nothing */
  scope?: string
  since?: string
  task_id?: string
  title?: string
}

export interface Lane {
  account?: string
  /** for who may read the configuration */
  command?: string[] | null
  counts: Record<string, number>
  description?: string
  done_when?: string
  holds?: Hold[] | null
  /** it stands in andon.yaml */
  known: boolean
  max_parallel?: number
  name: string
  preset?: string
  running: number
  /** around its workers; absent for names that are no lanes */
  walls?: Walls
}

export interface LaneCheck {
  detail: string
  /** the way out, if it is not */
  fix?: string
  /** program, version, variable, login, sandbox, account or workspace */
  name: string
  ok: boolean
}

export interface LaneTest {
  checks: LaneCheck[]
  lane: string
  preset?: string
  program?: string
}

export interface LanesToTest {
  lanes?: string[] | null
}

export interface Link {
  child: string
  parent: string
  waived?: boolean
  waived_by?: string
  waived_reason?: string
  /** which end of the parent lets the child start: absent = success, any, failed */
  when?: string
}

export interface LogChunk {
  /** whole characters; what is not UTF-8 is replaced */
  data: string
  /** the run has ended and everything was read */
  done: boolean
  /** the preset whose stream of JSON lines this is; absent: plain text */
  format?: string
  /** offset to read on from */
  next: number
  /** where data begins, in bytes from the beginning of the run; more than was asked for if what stood before was dropped */
  offset: number
  run: number
}

export interface Login {
  expires_at: string
  url: string
}

export interface LoginCreate {
  /** the only board that it is for */
  board?: string
  /** read, comment, operate or admin */
  scope: string
}

export interface Meta {
  api: string
  /** human, agent or worker */
  kind: string
  /** sizes of texts in bytes, and of lists */
  limits: Record<string, number>
  /** the operations that the caller may ask for, as openapi.json names them */
  may: string[]
  /** who asks, as events tell it */
  name: string
  /** in the order of a task's life */
  statuses: MetaStatus[]
  version: string
}

export interface MetaMove {
  action: string
  /** it has to be said why */
  reason?: boolean
  to: string
}

export interface MetaStatus {
  /** for a task that waits for no parent */
  moves: MetaMove[]
  name: string
  words: string
}

export interface MoveRequest {
  /** needed to send back what was submitted, and to start without parents */
  reason?: string
  /** of work that is done */
  summary?: string
  /** a status */
  to: string
  /** conflict if the task has changed since; like If-Match */
  version?: number
}

export interface Moved {
  attempts: number
  block_kind?: string
  /** tasks that wait for it */
  children?: Progress
  comments: number
  created_at: string
  /** attempts that failed in a row */
  failed?: number
  gates?: Gate[] | null
  id: string
  labels?: string[] | null
  lane: string
  /** statuses to which the caller may move it */
  moves: string[]
  parents: number
  priority: number
  /** of a block; of an archived one how it ended */
  reason?: string
  reviewer?: string
  /** the open one */
  run?: CardRun
  /** since when it is in its status; for what is done or blocked again, time in the archive counts */
  since: string
  status: string
  tenant?: string
  title: string
  /** moves it back, or what ran to where it may run again; null if nothing does */
  undo: MoveRequest
  updated_at?: string
  version: number
}

export interface Mute {
  at?: string
  by?: string
  /** name of a sink in andon.yaml, or @NAME: the home of a guest */
  sink: string
  /** destination within the sink: chat, path */
  target?: string
  /** absent: it hears of nothing */
  task?: string
  thread?: string
  /** absent: until it is ended */
  until?: string
  warnings?: string[] | null
}

export interface MuteCreate {
  /** name of a sink in andon.yaml, or @NAME: the home of a guest */
  sink: string
  /** destination within the sink: chat, path */
  target?: string
  /** absent: it is to hear of nothing */
  task?: string
  thread?: string
  /** absent: until it is ended */
  until?: string
}

export interface NamedPlace {
  name: string
  /** name of a sink in andon.yaml, or @NAME: the home of a guest */
  sink: string
  /** destination within the sink: chat, path */
  target?: string
  thread?: string
}

export interface Order {
  after?: (string[] | null)[] | null
  /** commands before the worker, argv each */
  before?: (string[] | null)[] | null
  /** where the worker starts */
  dir: string
  /** NAME=VALUE; PATH goes before the caller's */
  env: string[]
  /** of the run, for what is told of it */
  folder: string
  hook_timeout: number
  /** bytes */
  log_limit?: number
  /** between asking its processes to end and killing them */
  stop_grace: number
  /** of the worker; absent: none */
  timeout?: number
}

export interface PageAccount {
  items: Account[]
  /** cursor of the following page, empty at the end */
  next: string
}

export interface PageBackup {
  items: Backup[]
  /** cursor of the following page, empty at the end */
  next: string
}

export interface PageBoard {
  items: Board[]
  /** cursor of the following page, empty at the end */
  next: string
}

export interface PageComment {
  items: Comment[]
  /** cursor of the following page, empty at the end */
  next: string
}

export interface PageDelivery {
  items: Delivery[]
  /** cursor of the following page, empty at the end */
  next: string
}

export interface PageDiagnosis {
  items: Diagnosis[]
  /** cursor of the following page, empty at the end */
  next: string
}

export interface PageEvent {
  items: Event[]
  /** cursor of the following page, empty at the end */
  next: string
}

export interface PageHold {
  items: Hold[]
  /** cursor of the following page, empty at the end */
  next: string
}

export interface PageInboxItem {
  items: InboxItem[]
  /** cursor of the following page, empty at the end */
  next: string
}

export interface PageLane {
  items: Lane[]
  /** cursor of the following page, empty at the end */
  next: string
}

export interface PageLaneTest {
  items: LaneTest[]
  /** cursor of the following page, empty at the end */
  next: string
}

export interface PageMute {
  items: Mute[]
  /** cursor of the following page, empty at the end */
  next: string
}

export interface PageNamedPlace {
  items: NamedPlace[]
  /** cursor of the following page, empty at the end */
  next: string
}

export interface PageRun {
  items: Run[]
  /** cursor of the following page, empty at the end */
  next: string
}

export interface PageSubscription {
  items: Subscription[]
  /** cursor of the following page, empty at the end */
  next: string
}

export interface PageTask {
  items: Task[]
  /** cursor of the following page, empty at the end */
  next: string
}

export interface PageTaskCreated {
  items: TaskCreated[]
  /** cursor of the following page, empty at the end */
  next: string
}

export interface PageToken {
  items: Token[]
  /** cursor of the following page, empty at the end */
  next: string
}

export interface Place {
  /** name of a sink in andon.yaml, or @NAME: the home of a guest */
  sink: string
  /** destination within the sink: chat, path */
  target?: string
  thread?: string
}

export interface Plan {
  start: PlannedStart[] | null
  /** ready tasks that are not started, with their gates */
  wait: Task[] | null
}

export interface PlanRequest {
  /** apply the plan as soon as it is made */
  approve?: boolean
}

export interface PlannedStart {
  board: string
  task: Task
}

export interface PlannedTask {
  assignee: string
  body?: string
  /** once it is applied */
  id?: string
  key: string
  /** keys of tasks that must be done before */
  parents: string[] | null
  title: string
}

export interface Planning {
  /** it is applied as soon as it is made */
  approve?: boolean
  /** the task's lane, if it has none */
  assignee?: string
  at?: string
  /** the task's new body */
  body?: string
  /** who asked for it */
  by?: string
  /** once it is applied, in the order of tasks */
  child_ids: string[] | null
  /** the newest event of the planning */
  event?: number
  /** specify or decompose */
  kind?: string
  /** the model or lane that made it */
  planner?: string
  rationale?: string
  /** why it failed or was rejected */
  reason?: string
  /** when the planner tries again */
  retry_at?: string
  /** dropped: the task left triage without it */
  state: 'none' | 'asked' | 'failed' | 'proposed' | 'rejected' | 'applied' | 'dropped'
  /** of the task */
  status: string
  task_id: string
  /** done before the task itself */
  tasks: PlannedTask[] | null
  /** the task's new title */
  title?: string
}

export interface Problem {
  /** invalid, not_found, conflict, stale, gated, exhausted, unauthorized, unavailable or internal */
  code: string
  /** what is wrong */
  detail: string
  /** the way out: a command or a sentence */
  hint?: string
  /** the same request may succeed later without anybody changing anything */
  retryable: boolean
  /** the present status of the task concerned */
  state?: string
  /** the HTTP status */
  status: number
  /** the HTTP status in words */
  title: string
}

export interface Progress {
  done: number
  total: number
}

export interface PromoteRequest {
  /** waive parents that are open */
  force?: boolean
  reason?: string
}

export interface PullReply {
  scope: string
  stopped: number
}

export interface PullRequest {
  reason?: string
  scope: string
  /** end running work too, without cost */
  stop?: boolean
}

export interface Reason {
  reason?: string
}

export interface Repair {
  done: string[] | null
  dry_run?: boolean
  name: string
}

export interface ReplayCreate {
  /** from this event on */
  event?: number
  /** or from the first event of this second or later */
  since?: string
  /** to this one only; absent: to all */
  subscription?: number
}

export interface Replayed {
  /** the first that was looked at; absent: there was none */
  event?: number
  /** retention may have taken events that were meant */
  forgotten?: boolean
  /** that are on their way because of it */
  messages: number
}

export interface Report {
  by: string[] | null
  items: ReportRow[] | null
  missing?: string[] | null
  since: string
  total: ReportRow
  until: string
}

export interface ReportRow {
  account?: string
  board?: string
  /** of the gateway's clock */
  day?: string
  /** runs that completed */
  done: number
  /** runs that failed */
  failed: number
  /** of what, and how many */
  failed_of?: Record<string, number>
  /** of these, what failed runs used */
  failed_usage: Usage
  /** its beginning, by the gateway's clock */
  hour?: string
  lane?: string
  /** of these, what still waits */
  open_waits: number
  running_seconds: number
  runs: number
  /** runs that handed in for review */
  submitted: number
  task?: string
  tenant?: string
  usage: Usage
  waited_seconds: number
  /** times that a task was left to people: blocked, or in review */
  waits: number
}

export interface RestoreRequest {
  /** its id, or an absolute path */
  backup: string
  /** into this board; the one that it is of if absent */
  board?: string
  /** only check whether it can be done */
  dry_run?: boolean
  /** also in the place of another board than the one it is of */
  force?: boolean
  /** as a new board of this name instead */
  new?: string
}

export interface Restored {
  /** where the old database is now, its -wal and -shm beside it */
  aside?: string
  backup: Backup
  board: string
  dry_run?: boolean
  /** runs that were open in the backup */
  ended: number
  /** the same restore had been interrupted, and is complete now */
  finished?: boolean
  /** it is a copy beside the board that was backed up: nothing starts on it until it is resumed */
  held?: boolean
}

export interface RetryRequest {
  /** what the next run starts from; absent: as the task and its lane have it */
  from?: 'continue' | 'fresh'
  reason?: string
}

export interface Run {
  account?: string
  attempt: number
  base?: string
  branch?: string
  ended_at?: string
  error?: string
  exit_code?: number
  heartbeat?: string
  id: number
  lane: string
  lease_ends?: string
  /** its process tree may still live */
  live: boolean
  metadata?: unknown
  model?: string
  /** absent while it is open */
  outcome?: string
  progress?: string
  /** set aside until it ends */
  reserved?: Budget
  /** what it handed in: a commit, or a hash of its artifacts */
  revision?: string
  /** of the agent program */
  session?: string
  signal?: string
  /** git ref of the kept work */
  snapshot?: string
  started_at: string
  summary?: string
  task: string
  usage?: Usage
  /** its worker has handed in, and that is being verified */
  verifying?: boolean
  worker_pid?: number
  workspace?: string
}

export interface ScheduleRequest {
  reason?: string
  run?: number
  token?: string
  /** absent: until a human unblocks it */
  until?: string
}

export interface Setting {
  /** what may stand there; absent for numbers and amounts */
  choices?: string[] | null
  /** what counts if the file does not say */
  default: string
  /** such as lanes.builder.max_parallel */
  key: string
  /** in force; empty if there is no limit of that kind */
  value: string
}

export interface Settings {
  /** who changed it over the API; absent if it was changed on disk */
  by?: string
  /** andon.yaml, where it lies */
  file: string
  /** the way out of the problem */
  hint?: string
  items: Setting[] | null
  /** what is wrong with the file on disk, which is not in force then */
  problem?: string
  /** since when it is */
  since?: string
  /** of the file in force; also the ETag */
  version: string
}

export interface SettingsEdit {
  /** values by key; an empty one takes the key out of the file, so that the default counts */
  set: Record<string, string>
}

export interface SinkTest {
  /** the destination's name for the message, if it has one */
  ref?: string
  /** name of a sink in andon.yaml, or @NAME: the home of a guest */
  sink: string
  /** destination within the sink: chat, path */
  target?: string
  thread?: string
}

export interface Stats {
  by_assignee: Record<string, Record<string, number>>
  by_status: Record<string, number>
  now: string
  oldest_ready_age_seconds: number
  parked_deliveries: number
  runs_in_progress: number
}

export interface Subscription {
  /** of the task itself, not of what its runs created */
  alone?: boolean
  created?: boolean
  created_at?: string
  created_by?: string
  creator?: string
  /** made by another program; shown only */
  foreign?: boolean
  id?: number
  kinds?: string[] | null
  /** all of which the task has */
  labels?: string[] | null
  /** of tasks in this lane only, as of all that follows */
  lane?: string
  sink: string
  target?: string
  /** absent: the whole board */
  task?: string
  tenant?: string
  thread?: string
  warnings?: string[] | null
}

export interface SubscriptionCreate {
  /** of the task itself, not of what its runs created */
  alone?: boolean
  /** of tasks that this one created only */
  creator?: string
  /** absent: the noteworthy ones */
  kinds?: string[] | null
  /** of tasks that have all of these only */
  labels?: string[] | null
  /** of tasks in this lane only */
  lane?: string
  /** name of a sink in andon.yaml, or @NAME: the home of a guest */
  sink: string
  /** destination within the sink: chat, path */
  target?: string
  /** absent: the whole board */
  task?: string
  /** of this tenant's tasks only */
  tenant?: string
  thread?: string
}

export interface SubscriptionEdit {
  /** what it hears of from now on; empty: the noteworthy ones */
  kinds: string[] | null
}

export interface Symptom {
  /** what repairs it */
  command?: string
  /** there is a repair of this name */
  fix?: boolean
  name: string
  /** info, warning or error; what is above info wants something done */
  severity: string
  what: string
  why: string
}

export interface Task {
  assignee: string
  block_kind?: string
  block_reason?: string
  body?: string
  branch?: string
  budget?: Budget
  /** how an archived task ended */
  closed?: string
  completed_at?: string
  created_at: string
  created_by?: string
  current_run?: number
  failures?: number
  /** why it is not running */
  gates?: Gate[] | null
  heartbeat?: string
  id: string
  idempotency_key?: string
  /** in lower case, sorted */
  labels?: string[] | null
  last_error?: string
  lease_ends?: string
  max_attempts?: number
  /** so often changes requested lead to a new run; the next time a human decides */
  max_rounds?: number
  /** a duration such as 30m0s */
  max_runtime?: string
  model?: string
  not_before?: string
  /** continue or fresh */
  on_retry?: string
  /** task whose run created this one */
  origin?: string
  priority: number
  repo?: string
  result?: string
  review_rounds?: number
  /** a lane, or human */
  reviewer?: string
  /** the task whose submission this one judges */
  reviews?: string
  /** what was handed in last: a commit, or a hash of its artifacts */
  revision?: string
  session_id?: string
  skills?: string[] | null
  started_at?: string
  status: string
  tenant?: string
  title: string
  /** of explain, to people: messages about it that were given up */
  untold?: string[] | null
  updated_at?: string
  /** commands, argv each, that must succeed before it counts as done */
  verify?: (string[] | null)[] | null
  version: number
  worker_pid?: number
  workspace_kind: string
  workspace_path?: string
}

export interface TaskCreate {
  assignee?: string
  body?: string
  branch?: string
  /** of all its runs together, instead of what is configured for tasks */
  budget?: Budget
  created_by?: string
  /** starts blocked, for a human to release */
  held?: boolean
  idempotency_key?: string
  /** words of letters, digits and . _ : / # + -; at most 20 of 50 characters */
  labels?: string[] | null
  max_attempts?: number
  /** so often changes requested lead to a new run; the next time a human decides; the lane's if absent */
  max_rounds?: number
  max_runtime?: string
  model?: string
  not_before?: string
  /** what an attempt after a failed one starts from; absent: as the lane has it */
  on_retry?: 'continue' | 'fresh'
  /** ids, each with its condition if that is not success: t_1f3a9c20:any */
  parents?: string[] | null
  priority?: number
  repo?: string
  /** a lane, or human; the lane's if absent */
  reviewer?: string
  session_id?: string
  skills?: string[]
  /** subscribes to the task in the same step, also to one that has the idempotency key already */
  tell?: Tell
  tenant?: string
  title: string
  triage?: boolean
  /** commands, argv each, that must succeed before it counts as done; absent = the lane's, empty = none */
  verify?: (string[] | null)[]
  workspace_kind?: 'scratch' | 'dir' | 'worktree' | 'clone'
  workspace_path?: string
}

export interface TaskCreated {
  assignee: string
  block_kind?: string
  block_reason?: string
  body?: string
  branch?: string
  budget?: Budget
  /** how an archived task ended */
  closed?: string
  completed_at?: string
  /** false: an open task had the idempotency key already */
  created: boolean
  created_at: string
  created_by?: string
  current_run?: number
  failures?: number
  /** why it is not running */
  gates?: Gate[] | null
  heartbeat?: string
  id: string
  idempotency_key?: string
  /** in lower case, sorted */
  labels?: string[] | null
  last_error?: string
  lease_ends?: string
  max_attempts?: number
  /** so often changes requested lead to a new run; the next time a human decides */
  max_rounds?: number
  /** a duration such as 30m0s */
  max_runtime?: string
  model?: string
  not_before?: string
  /** continue or fresh */
  on_retry?: string
  /** task whose run created this one */
  origin?: string
  priority: number
  repo?: string
  result?: string
  review_rounds?: number
  /** of assign: who reviews it now, a lane or human */
  reviewed_by?: string
  /** a lane, or human */
  reviewer?: string
  /** the task whose submission this one judges */
  reviews?: string
  /** what was handed in last: a commit, or a hash of its artifacts */
  revision?: string
  session_id?: string
  skills?: string[] | null
  started_at?: string
  status: string
  /** of tell: as asked for, or the one that there was */
  subscription?: Subscription
  tenant?: string
  title: string
  /** of explain, to people: messages about it that were given up */
  untold?: string[] | null
  updated_at?: string
  /** of assign: what verifies it now, its lane's commands included */
  verified_by?: (string[] | null)[] | null
  /** commands, argv each, that must succeed before it counts as done */
  verify?: (string[] | null)[] | null
  version: number
  warnings?: string[] | null
  worker_pid?: number
  workspace_kind: string
  workspace_path?: string
}

export interface TaskEdit {
  /** beside those before */
  add_labels?: string[] | null
  body?: string
  branch?: string
  budget?: Budget
  /** of those before */
  drop_labels?: string[] | null
  /** instead of those before */
  labels?: string[]
  /** what its lane says, from now on */
  lane_verify?: boolean
  max_attempts?: number
  max_rounds?: number
  max_runtime?: string
  metadata?: unknown
  model?: string
  /** continue, fresh, or empty: as the lane has it */
  on_retry?: string
  priority?: number
  repo?: string
  result?: string
  /** empty = the lane's */
  reviewer?: string
  skills?: string[]
  summary?: string
  tenant?: string
  title?: string
  /** empty = none */
  verify?: (string[] | null)[]
  workspace_kind?: string
  workspace_path?: string
}

export interface TaskEdited {
  assignee: string
  block_kind?: string
  block_reason?: string
  body?: string
  branch?: string
  budget?: Budget
  /** how an archived task ended */
  closed?: string
  completed_at?: string
  created_at: string
  created_by?: string
  current_run?: number
  failures?: number
  /** why it is not running */
  gates?: Gate[] | null
  heartbeat?: string
  id: string
  idempotency_key?: string
  /** in lower case, sorted */
  labels?: string[] | null
  last_error?: string
  lease_ends?: string
  max_attempts?: number
  /** so often changes requested lead to a new run; the next time a human decides */
  max_rounds?: number
  /** a duration such as 30m0s */
  max_runtime?: string
  model?: string
  not_before?: string
  /** continue or fresh */
  on_retry?: string
  /** task whose run created this one */
  origin?: string
  priority: number
  repo?: string
  result?: string
  review_rounds?: number
  /** a lane, or human */
  reviewer?: string
  /** the task whose submission this one judges */
  reviews?: string
  /** what was handed in last: a commit, or a hash of its artifacts */
  revision?: string
  session_id?: string
  skills?: string[] | null
  started_at?: string
  status: string
  tenant?: string
  title: string
  /** of explain, to people: messages about it that were given up */
  untold?: string[] | null
  updated_at?: string
  /** commands, argv each, that must succeed before it counts as done */
  verify?: (string[] | null)[] | null
  version: number
  warnings?: string[] | null
  worker_pid?: number
  workspace_kind: string
  workspace_path?: string
}

export interface TaskRef {
  board: string
  task: string
}

export interface Tell {
  /** absent: the noteworthy ones */
  kinds?: string[] | null
  /** name of a sink in andon.yaml, or @NAME: the home of a guest */
  sink: string
  /** destination within the sink: chat, path */
  target?: string
  thread?: string
}

export interface Token {
  /** the only board that it is for */
  board?: string
  created_at: string
  created_by: string
  expired?: boolean
  expires_at?: string
  /** what revokes it: of a token, its name */
  id: string
  /** token or session */
  kind: string
  /** of a session, whose it is */
  name: string
  /** read, comment, operate or admin */
  scope: string
  /** within five minutes */
  used_at?: string
}

export interface TokenCreate {
  /** the only board that it is for */
  board?: string
  expires_at?: string
  name: string
  /** read, comment, operate or admin; each allows what those before it do */
  scope: string
}

export interface TokenCreated {
  /** the only board that it is for */
  board?: string
  created_at: string
  created_by: string
  expired?: boolean
  expires_at?: string
  /** what revokes it: of a token, its name */
  id: string
  /** token or session */
  kind: string
  /** of a session, whose it is */
  name: string
  /** read, comment, operate or admin */
  scope: string
  secret: string
  /** within five minutes */
  used_at?: string
}

export interface Usage {
  /** tokens */
  cache_read?: number
  /** tokens */
  cache_write?: number
  /** in US dollars, to the millionth */
  cost_usd?: number
  /** tokens */
  input?: number
  /** tokens */
  output?: number
  turns?: number
}

export interface Verification {
  board: string
  /** findings that are no warnings */
  errors: number
  /** the first 10000 */
  findings: Contradiction[] | null
}

export interface Walls {
  /** processors of a run */
  cpus?: number
  /** that are reached through the proxy; *.NAME are those below NAME, and without a port it is 80 and 443 */
  hosts?: string[] | null
  /** bytes that a run may use */
  memory?: number
  /** none, bwrap or landlock */
  mode: string
  /** on, off or proxied */
  network?: string
  /** what they leave open, in words */
  open?: string[] | null
  /** processes and threads of a run */
  pids?: number
  /** why they cannot be put up here: nothing is started */
  problem?: string
  /** for who may read the configuration */
  read?: string[] | null
  /** beside the workspace; for who may read the configuration */
  write?: string[] | null
}
