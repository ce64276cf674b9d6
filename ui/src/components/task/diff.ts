// What git says has changed, file by file.

export interface DiffFile {
  path: string
  from: string // the path it had, if that was another one
  kind: 'changed' | 'new' | 'gone'
  binary: boolean
  added: number
  removed: number
  lines: DiffLine[]
}

export interface DiffLine {
  kind: 'same' | 'added' | 'removed' | 'hunk' | 'note'
  text: string
  old: number // its number before, 0 = none
  now: number
}

// name takes the quotes and the a/ or b/ off a path.
function name(path: string): string {
  if (path.startsWith('"')) {
    try {
      path = JSON.parse(path.replace(/\\([0-7]{3})/g, (_, octal: string) => `\\u00${Number.parseInt(octal, 8).toString(16).padStart(2, '0')}`)) as string
    } catch {
      // as it stands
    }
  }
  return path.replace(/^[ab]\//, '')
}

export function parse(text: string): DiffFile[] {
  const files: DiffFile[] = []
  let f: DiffFile | undefined
  let old = 0
  let now = 0
  let within = false
  for (const line of text.split('\n')) {
    if (line.startsWith('diff --git ')) {
      const m = /^diff --git ("?a\/.*) ("?b\/.*)$/.exec(line)
      f = { path: name(m?.[2] ?? line.slice(11)), from: '', kind: 'changed', binary: false, added: 0, removed: 0, lines: [] }
      files.push(f)
      within = false
    } else if (!f) {
      continue
    } else if (line.startsWith('@@')) {
      const m = /^@@+ -(\d+)(?:,\d+)? .*?\+(\d+)(?:,\d+)? @@/.exec(line)
      old = Number(m?.[1] ?? 1)
      now = Number(m?.[2] ?? 1)
      within = true
      f.lines.push({ kind: 'hunk', text: line, old: 0, now: 0 })
    } else if (!within) {
      if (line.startsWith('new file')) f.kind = 'new'
      else if (line.startsWith('deleted file')) f.kind = 'gone'
      else if (line.startsWith('rename from ')) f.from = name(line.slice(12))
      else if (line.startsWith('+++ ') && line !== '+++ /dev/null') f.path = name(line.slice(4).replace(/\t$/, ''))
      else if (line.startsWith('Binary files ') || line.startsWith('GIT binary patch')) f.binary = true
    } else if (line.startsWith('+')) {
      f.added++
      f.lines.push({ kind: 'added', text: line.slice(1), old: 0, now: now++ })
    } else if (line.startsWith('-')) {
      f.removed++
      f.lines.push({ kind: 'removed', text: line.slice(1), old: old++, now: 0 })
    } else if (line.startsWith(' ')) {
      f.lines.push({ kind: 'same', text: line.slice(1), old: old++, now: now++ })
    } else if (line.startsWith('\\')) {
      f.lines.push({ kind: 'note', text: line.slice(2), old: 0, now: 0 })
    }
  }
  return files
}
