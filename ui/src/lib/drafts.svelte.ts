// What was typed and not sent: kept in this tab, for who typed it, until it is sent
// or given up.

const root = 'andon.draft.'
let who = ''

const keyOf = (place: string) => `${root}${who} ${place}`

export const drafts = {
  read<T>(place: string): T | undefined {
    try {
      const text = sessionStorage.getItem(keyOf(place))
      return text === null ? undefined : (JSON.parse(text) as T)
    } catch {
      return undefined
    }
  },

  // keep replaces what was kept; undefined gives it up.
  keep(place: string, value: unknown) {
    try {
      if (value === undefined) sessionStorage.removeItem(keyOf(place))
      else sessionStorage.setItem(keyOf(place), JSON.stringify(value))
    } catch {
      // it is too large to be kept, or nothing may be
    }
  },

  // of says who types from now on, "" nobody; what others have typed here is dropped.
  of(name: string) {
    who = name
    try {
      for (const key of Object.keys(sessionStorage)) {
        if (key.startsWith(root) && (name === '' || !key.startsWith(`${root}${name} `))) sessionStorage.removeItem(key)
      }
    } catch {
      // nothing was kept
    }
  },
}

// Draft is the text of one field.
export class Draft {
  #place: string
  #text = $state('')

  constructor(place: string) {
    this.#place = place
    this.#text = drafts.read<string>(place) ?? ''
  }

  get text(): string {
    return this.#text
  }

  set text(text: string) {
    this.#text = text
    drafts.keep(this.#place, text === '' ? undefined : text)
  }
}
