// whileSeen is for what costs a connection: it goes on while somebody looks at the
// page, and for a rest after that. What it returns ends it.
export function whileSeen(begin: () => void, end: () => void, rest: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const look = () => {
    clearTimeout(timer)
    if (document.hidden) timer = setTimeout(end, rest)
    else begin()
  }
  const away = () => {
    clearTimeout(timer)
    end()
  }
  // A page that is kept for the way back would keep its connections, too.
  const back = (e: PageTransitionEvent) => e.persisted && look()
  document.addEventListener('visibilitychange', look)
  addEventListener('pagehide', away)
  addEventListener('pageshow', back)
  look()
  return () => {
    document.removeEventListener('visibilitychange', look)
    removeEventListener('pagehide', away)
    removeEventListener('pageshow', back)
    away()
  }
}
