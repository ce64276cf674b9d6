// Numbers and times as people read them.
import { words } from './words'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

// span is a duration in one or two units: 12 s, 4 min, 3 h, 12 d.
export function span(ms: number): string {
  if (ms < minute) return `${Math.max(0, Math.floor(ms / second))} s`
  if (ms < hour) return `${Math.floor(ms / minute)} min`
  if (ms < day) return `${Math.floor(ms / hour)} h`
  return `${Math.floor(ms / day)} d`
}

export const age = (at: string, now: number) => span(now - Date.parse(at))

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const date = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
const full = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'medium' })

// until is a time to come: the clock's if it is today.
export function until(at: string, now: number): string {
  const t = new Date(at)
  return new Date(now).toDateString() === t.toDateString() ? clock.format(t) : date.format(t)
}

export const exactly = (at: string) => full.format(new Date(at))

export const count = (n: number) => n.toLocaleString('en-GB')

export const dollars = (n: number) => `$${n.toFixed(n < 10 ? 2 : 0)}`

// old tells how long something may stay in a status before it looks old.
const limits: Record<string, [number, number]> = {
  ready: [hour, day],
  blocked: [hour, day],
  review: [hour, day],
  running: [10 * minute, hour],
  triage: [7 * day, 30 * day],
  todo: [7 * day, 30 * day],
}

export function old(status: string, since: string, now: number): '' | 'old' | 'very old' {
  const limit = limits[status]
  if (!limit) return ''
  const passed = now - Date.parse(since)
  return passed > limit[1] ? 'very old' : passed > limit[0] ? 'old' : ''
}

// hue is a colour for a name, always the same one, of eight.
export function hue(name: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193)
  return (h >>> 16) % 8
}

export const statusName = (status: string) => words.status[status] ?? status
