// What can be changed of andon.yaml: what is in force, and what was typed over it.
import { api, Refusal, type Setting, type Settings } from '../../lib/api'
import { toasts } from '../../lib/toasts.svelte'
import { settingWords as words, words as all } from '../../lib/words'

const often = 3000

class Limits {
  now = $state.raw<Settings | undefined>()
  drafts = $state<Record<string, string>>({})
  problem = $state('')
  at = $state('') // the setting that the problem is about; "" = all of them
  busy = $state(false)
  items = $derived(this.now?.items ?? [])
  changed = $derived(this.items.filter((s) => (this.drafts[s.key] ?? s.value) !== s.value))

  // watch keeps what is in force up to date.
  watch(): () => void {
    void this.read()
    const timer = setInterval(() => !document.hidden && !this.busy && void this.read(), often)
    return () => clearInterval(timer)
  }

  async read() {
    try {
      this.now = await api.settings()
    } catch (e) {
      if (this.now === undefined) toasts.fail(e)
    }
  }

  value(s: Setting): string {
    return this.drafts[s.key] ?? s.value
  }

  type(s: Setting, text: string) {
    this.drafts[s.key] = text
    if (this.at === s.key) this.forget()
  }

  discard() {
    this.drafts = {}
    this.forget()
  }

  forget() {
    this.problem = ''
    this.at = ''
  }

  async save() {
    if (this.busy || this.changed.length === 0) return
    const before = Object.fromEntries(this.changed.map((s) => [s.key, s.value]))
    const wanted = Object.fromEntries(this.changed.map((s) => [s.key, this.value(s).trim()]))
    this.busy = true
    this.forget()
    try {
      this.now = await api.editConfig(wanted, this.now?.version)
      this.drafts = {}
      toasts.say(words.savedAs(this.now.version), () => this.#restore(before))
    } catch (e) {
      await this.#refused(e, Object.keys(wanted))
    }
    this.busy = false
  }

  async #refused(e: unknown, keys: string[]) {
    if (!(e instanceof Refusal)) throw e
    if (e.code === 'conflict') await this.read()
    this.problem = [e.status === 0 ? all.noAnswer : e.message, e.hint].filter(Boolean).join(': ')
    this.at = keys.find((k) => e.message.startsWith(`${k} `)) ?? ''
  }

  async #restore(before: Record<string, string>) {
    try {
      this.now = await api.editConfig(before)
    } catch (e) {
      toasts.fail(e)
    }
  }
}

export const limits = new Limits()
