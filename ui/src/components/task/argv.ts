// A command as people write it: words split at spaces and quotes, without a shell.

export const join = (argv: string[] | null): string => (argv ?? []).map((a) => (/^[\w./=:@%+,-]+$/.test(a) ? a : JSON.stringify(a))).join(' ')

// split is undefined if a quote is not closed.
export function split(line: string): string[] | undefined {
  const argv: string[] = []
  let word: string | undefined
  let quote = ''
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!
    if (quote !== '') {
      if (c === quote) quote = ''
      else if (c === '\\' && quote === '"' && i + 1 < line.length) word += { n: '\n', t: '\t' }[line[++i]!] ?? line[i]!
      else word += c
    } else if (c === '"' || c === "'") {
      quote = c
      word ??= ''
    } else if (/\s/.test(c)) {
      if (word !== undefined) argv.push(word)
      word = undefined
    } else word = (word ?? '') + c
  }
  if (quote !== '') return undefined
  if (word !== undefined) argv.push(word)
  return argv
}
