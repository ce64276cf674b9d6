// The output of an agent program is lines of JSON; told are those as people read
// them: what it says, what it calls, what comes back. What is not known stands as
// it is.

const most = 6 // lines of a tool's answer

type J = Record<string, unknown>

const obj = (v: unknown): J => (v !== null && typeof v === 'object' && !Array.isArray(v) ? (v as J) : {})
const str = (v: unknown): string => (typeof v === 'string' ? v : '')

export function told(line: string): string[] {
  if (!line.startsWith('{')) return [line]
  let said: J
  try {
    said = obj(JSON.parse(line))
  } catch {
    return [line]
  }
  const lines = claude(said) ?? codex(said) ?? simple(said)
  return lines ?? [`\x1b[2m${line}`]
}

const lines = (text: string, sign = '', color = '') => text.trimEnd().split('\n').map((l, i) => (color && `\x1b[${color}m`) + (i === 0 ? sign : ' '.repeat(sign.length)) + l + (color && '\x1b[0m'))

function answer(text: string): string[] {
  const all = lines(text, '  ', '2')
  return all.length > most ? [...all.slice(0, most), `\x1b[2m  … ${all.length - most} more lines\x1b[0m`] : all
}

const called = (name: string, input: unknown) => {
  const i = obj(input)
  const what = str(i.command) || str(i.file_path) || str(i.path) || str(i.pattern) || str(i.query) || (Object.keys(i).length > 0 ? JSON.stringify(input) : '')
  return lines(`${name} ${what}`.trim(), '> ', '36')
}

// content is a text, or blocks that hold texts.
function content(v: unknown): string {
  if (typeof v === 'string') return v
  return Array.isArray(v) ? v.map((b) => str(obj(b).text)).filter(Boolean).join('\n') : ''
}

function claude(e: J): string[] | undefined {
  if (e.type === 'system') return e.subtype === 'init' ? lines(`${str(e.model)} began`, '-- ', '2') : []
  if (e.type === 'rate_limit_event') return []
  if (e.type === 'result') return lines([str(e.subtype), typeof e.total_cost_usd === 'number' ? `$${e.total_cost_usd.toFixed(4)}` : ''].filter(Boolean).join(', '), '-- ', '2')
  if (e.type !== 'assistant' && e.type !== 'user') return undefined
  const blocks = obj(e.message).content
  if (typeof blocks === 'string') return lines(blocks)
  if (!Array.isArray(blocks)) return undefined
  return blocks.flatMap((one) => {
    const b = obj(one)
    if (b.type === 'text') return lines(str(b.text))
    if (b.type === 'thinking') return lines(str(b.thinking), '', '2;3')
    if (b.type === 'tool_use') return called(str(b.name), b.input)
    if (b.type === 'tool_result') return answer(content(b.content))
    return []
  })
}

function codex(e: J): string[] | undefined {
  const item = obj(e.item)
  if (typeof e.type !== 'string' || !/^(thread|turn|item)\./.test(e.type)) return undefined
  if (e.type === 'turn.failed') return lines(str(obj(e.error).message), '! ', '31')
  if (e.type !== 'item.completed') return []
  if (item.type === 'command_execution') return [...called('$', { command: item.command }), ...answer(str(item.aggregated_output))]
  return str(item.text) === '' ? [] : lines(str(item.text), '', item.type === 'reasoning' ? '2;3' : '')
}

// simple are streams of {type, text|content|message}: Gemini, OpenCode.
function simple(e: J): string[] | undefined {
  const part = obj(e.part)
  if (e.type === 'init' || e.type === 'step_start' || e.type === 'step_finish') return []
  if (e.type === 'error') return lines(str(e.message) || str(obj(obj(e.error).data).message) || str(obj(e.error).message), '! ', '31')
  const text = str(e.text) || content(e.content) || str(e.message) || str(part.text)
  if (e.type === 'tool_use' || e.type === 'tool_call') return called(str(e.tool_name) || str(e.name) || str(part.tool), e.parameters ?? e.input ?? obj(part.state).input)
  if (e.type === 'tool_result') return answer(text || str(e.output))
  return text === '' ? undefined : lines(text)
}
