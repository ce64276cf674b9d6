// Where one looks at the graph, and how near.

const nearest = 1.6
const farthest = 0.04

export class Camera {
  x = $state(0)
  y = $state(0)
  zoom = $state(1)
  moved = $state(false) // by somebody: it is left as it is
  width = 0
  height = 0

  // fit shows all of it, or its beginning where that would be too small to read.
  fit(width: number, height: number, whole: boolean) {
    const both = Math.min(this.width / width, this.height / height, 1)
    const zoom = clamp(whole ? both : Math.max(both, this.width < 640 ? 0.7 : 0.45))
    this.zoom = zoom
    this.x = Math.max((this.width - width * zoom) / 2, whole ? -Infinity : 0)
    this.y = Math.max((this.height - height * zoom) / 2, whole ? -Infinity : 0)
  }

  pan(dx: number, dy: number) {
    this.moved = true
    this.x += dx
    this.y += dy
  }

  // by zooms around a point of the view.
  by(factor: number, at = { x: this.width / 2, y: this.height / 2 }) {
    this.moved = true
    const zoom = clamp(this.zoom * factor)
    this.x = at.x - ((at.x - this.x) * zoom) / this.zoom
    this.y = at.y - ((at.y - this.y) * zoom) / this.zoom
    this.zoom = zoom
  }

  // see brings a rectangle of the graph into view.
  see(x: number, y: number, width: number, height: number) {
    const edge = 24
    const left = this.x + x * this.zoom
    const top = this.y + y * this.zoom
    this.x += Math.max(0, edge - left) - Math.max(0, left + width * this.zoom + edge - this.width)
    this.y += Math.max(0, edge - top) - Math.max(0, top + height * this.zoom + edge - this.height)
  }
}

const clamp = (zoom: number) => Math.min(nearest, Math.max(farthest, zoom))

// steer lets wheel, mouse and fingers move a camera over an element.
export function steer(camera: Camera) {
  return (node: HTMLElement) => {
    const fingers = new Map<number, { x: number; y: number }>()
    let dragged = false
    const inside = (e: MouseEvent) => {
      const r = node.getBoundingClientRect()
      return { x: e.clientX - r.left, y: e.clientY - r.top }
    }
    const wheel = (e: WheelEvent) => {
      e.preventDefault()
      const lines = e.deltaMode === 1 ? 16 : 1
      if (e.ctrlKey || e.metaKey) camera.by(Math.exp(-e.deltaY * lines * 0.004), inside(e))
      else if (e.shiftKey && e.deltaX === 0) camera.pan(-e.deltaY * lines, 0)
      else camera.pan(-e.deltaX * lines, -e.deltaY * lines)
    }
    const down = (e: PointerEvent) => {
      if (e.button !== 0) return
      if (fingers.size === 0) dragged = false
      fingers.set(e.pointerId, inside(e))
    }
    const move = (e: PointerEvent) => {
      const was = fingers.get(e.pointerId)
      if (!was) return
      const is = inside(e)
      if (!dragged && Math.hypot(is.x - was.x, is.y - was.y) < 4) return
      if (!dragged) {
        dragged = true
        node.setPointerCapture(e.pointerId)
      }
      const other = [...fingers].find(([id]) => id !== e.pointerId)?.[1]
      if (other) {
        const distance = (p: { x: number; y: number }) => Math.max(1, Math.hypot(p.x - other.x, p.y - other.y))
        camera.by(distance(is) / distance(was), { x: (is.x + other.x) / 2, y: (is.y + other.y) / 2 })
        camera.pan((is.x - was.x) / 2, (is.y - was.y) / 2)
      } else {
        camera.pan(is.x - was.x, is.y - was.y)
      }
      fingers.set(e.pointerId, is)
    }
    const up = (e: PointerEvent) => void fingers.delete(e.pointerId)
    const click = (e: MouseEvent) => {
      if (!dragged) return
      dragged = false // it was the end of a drag, and opens nothing
      e.preventDefault()
      e.stopPropagation()
    }
    const drag = (e: DragEvent) => e.preventDefault()
    const measure = new ResizeObserver(() => {
      camera.width = node.clientWidth
      camera.height = node.clientHeight
    })
    camera.width = node.clientWidth
    camera.height = node.clientHeight
    measure.observe(node)
    node.addEventListener('wheel', wheel, { passive: false })
    node.addEventListener('pointerdown', down)
    node.addEventListener('pointermove', move)
    node.addEventListener('pointerup', up)
    node.addEventListener('pointercancel', up)
    node.addEventListener('click', click, true)
    node.addEventListener('dragstart', drag)
    return () => measure.disconnect()
  }
}
