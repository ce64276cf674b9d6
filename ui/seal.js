import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

// What the build is made of. schema.ts holds types only: nothing of it is built.
const roots = ['src', 'public', 'index.html', 'package.json', 'package-lock.json', 'vite.config.js', 'svelte.config.js', 'tsconfig.json', 'seal.js']
const left = new Set(['src/lib/schema.ts'])

function files(path) {
  try {
    return readdirSync(path).flatMap((name) => files(`${path}/${name}`))
  } catch (e) {
    if (e.code === 'ENOTDIR') return [path]
    if (e.code === 'ENOENT') return []
    throw e
  }
}

// sum is the hash of all sources: of a line for each, its own hash and its path,
// in the order of the paths' bytes. internal/webui computes it again.
function sum() {
  const lines = roots
    .flatMap(files)
    .filter((path) => !left.has(path))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((path) => `${createHash('sha256').update(readFileSync(path)).digest('hex')}  ${path}\n`)
  return createHash('sha256').update(lines.join('')).digest('hex')
}

// seal writes into the build which sources it is of.
export function seal() {
  let out
  return {
    name: 'seal',
    apply: 'build',
    configResolved: (config) => void (out = config.build.outDir),
    closeBundle: () => writeFileSync(join(out, 'source.sha256'), sum() + '\n'),
  }
}
