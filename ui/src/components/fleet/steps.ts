// steps lets the arrows, and j and k, go from row to row.
export function steps(body: HTMLElement) {
  const press = (e: KeyboardEvent) => {
    const row = (e.target as HTMLElement).closest('tr')
    const to = e.key === 'ArrowDown' || e.key === 'j' ? row?.nextElementSibling : e.key === 'ArrowUp' || e.key === 'k' ? row?.previousElementSibling : undefined
    if (!to) return
    e.preventDefault()
    to.querySelector<HTMLElement>('a')?.focus()
  }
  body.addEventListener('keydown', press)
  return () => body.removeEventListener('keydown', press)
}
