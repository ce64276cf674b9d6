// What this browser remembers of how somebody likes it.

const prefix = 'andon.'

export function recall<T>(name: string, otherwise: T): T {
  try {
    const text = localStorage.getItem(prefix + name)
    return text === null ? otherwise : (JSON.parse(text) as T)
  } catch {
    return otherwise
  }
}

export function keep(name: string, value: unknown) {
  try {
    localStorage.setItem(prefix + name, JSON.stringify(value))
  } catch {
    // private windows may refuse; it is a comfort only
  }
}

export type Theme = 'system' | 'light' | 'dark'
export type Density = 'roomy' | 'compact'

class Theming {
  theme = $state<Theme>(recall<Theme>('theme', 'system'))
  density = $state<Density>(recall<Density>('density', 'roomy'))

  constructor() {
    this.#apply()
  }

  set(theme: Theme) {
    this.theme = theme
    keep('theme', theme)
    this.#apply()
  }

  // next is the other one than what is seen.
  next() {
    const dark = this.theme === 'system' ? matchMedia('(prefers-color-scheme: dark)').matches : this.theme === 'dark'
    this.set(dark ? 'light' : 'dark')
  }

  setDensity(density: Density) {
    this.density = density
    keep('density', density)
    this.#apply()
  }

  #apply() {
    document.documentElement.dataset.density = this.density
    if (this.theme === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = this.theme
  }
}

export const theming = new Theming()
