// Server-sent events over fetch, not EventSource: that one hides the status of a
// refusal and the comments that show that the line is alive.

export interface Frame {
  id: string
  name: string
  data: string
}

// read calls `got` for each frame and `alive` for whatever comes, until the
// stream ends.
export async function read(body: ReadableStream<Uint8Array>, got: (f: Frame) => void, alive: () => void): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>).getReader()
  let rest = ''
  let frame: Frame = { id: '', name: '', data: '' }
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return
    alive()
    const lines = (rest + value).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line === '') {
        if (frame.data !== '') got(frame)
        frame = { id: '', name: '', data: '' }
        continue
      }
      const at = line.indexOf(':')
      const field = line.slice(0, at)
      const text = line.slice(at + (line[at + 1] === ' ' ? 2 : 1))
      if (field === 'id') frame.id = text
      else if (field === 'event') frame.name = text
      else if (field === 'data') frame.data += (frame.data === '' ? '' : '\n') + text
    }
  }
}
