// The fields of a task that are edited together, and how they are sent.
import type { Details, TaskEdit } from '../../lib/api'
import { labelsIn } from '../../lib/labels'
import { join, split } from './argv'

export interface Fields {
  title: string
  body: string
  priority: number
  tenant: string
  labels: string // words
  reviewer: string // "" = as its lane says
  verifyBy: 'lane' | 'none' | 'own'
  verify: string // commands, one a line
  kind: string // of its workspace
  path: string
  repo: string
  branch: string
}

export type Field = keyof Fields

const plain = ['title', 'body', 'priority', 'tenant', 'reviewer'] as const
const space = ['kind', 'path', 'repo', 'branch'] as const
export const names: Field[] = [...plain, 'labels', 'verifyBy', 'verify', ...space]

export function fieldsOf(d: Details): Fields {
  return {
    title: d.title, body: d.body ?? '', priority: d.priority, tenant: d.tenant ?? '', labels: (d.labels ?? []).join(' '), reviewer: d.reviewer ?? '',
    verifyBy: !d.own_verify ? 'lane' : d.verify?.length ? 'own' : 'none', verify: (d.verify ?? []).map(join).join('\n'),
    kind: d.workspace_kind, path: d.workspace_path ?? '', repo: d.repo ?? '', branch: d.branch ?? '',
  }
}

// toEdit is the change of some fields; a text is what is wrong with them.
export function toEdit(changed: Field[], f: Fields, unclosed: (line: string) => string): TaskEdit | string {
  const edit: TaskEdit = Object.fromEntries(plain.filter((n) => changed.includes(n)).map((n) => [n, f[n]]))
  if (changed.includes('labels')) edit.labels = labelsIn(f.labels)
  if (changed.includes('verifyBy') || changed.includes('verify')) {
    if (f.verifyBy === 'lane') edit.lane_verify = true
    else {
      const lines = f.verifyBy === 'own' ? f.verify.split('\n').filter((l) => l.trim() !== '') : []
      const wrong = lines.find((l) => split(l) === undefined)
      if (wrong !== undefined) return unclosed(wrong)
      edit.verify = lines.map((l) => split(l)!)
    }
  }
  if (space.some((n) => changed.includes(n))) {
    const git = f.kind === 'worktree' || f.kind === 'clone'
    Object.assign(edit, { workspace_kind: f.kind, workspace_path: f.kind === 'dir' ? f.path.trim() : '', repo: git ? f.repo.trim() : '', branch: git ? f.branch.trim() : '' })
  }
  return edit
}
