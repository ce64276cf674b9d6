// The time, for ages: it moves on by itself, seldom.

class Now {
  ms = $state(Date.now())

  constructor() {
    setInterval(() => {
      if (!document.hidden) this.ms = Date.now()
    }, 5000)
  }
}

export const now = new Now()
