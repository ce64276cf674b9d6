// Layers a graph beside the page: some hundred tasks take it a second.
import { Graph, layout } from '@dagrejs/dagre'
import { size, type Ask, type Drawn, type Point } from './layout'

const margin = 24
const many = 150 // of more, the best layers are not worth the wait

function draw(ask: Ask): Drawn {
  const g = new Graph()
  g.setGraph({ rankdir: ask.down ? 'TB' : 'LR', ranker: ask.ids.length > many ? 'tight-tree' : 'network-simplex', nodesep: 14, ranksep: 56, marginx: margin, marginy: margin })
  g.setDefaultEdgeLabel(() => ({}))
  for (const id of ask.ids) g.setNode(id, { ...size })
  for (const [from, to] of ask.edges) g.setEdge(from, to)
  layout(g)
  const nodes: Record<string, Point> = {}
  for (const id of ask.ids) {
    const n = g.node(id)
    nodes[id] = { x: Math.round(n.x! - size.width / 2), y: Math.round(n.y! - size.height / 2) }
  }
  const whole = g.graph()
  return {
    width: Math.ceil(whole.width ?? 0),
    height: Math.ceil(whole.height ?? 0),
    nodes,
    edges: g.edges().map((e) => ({ from: e.v, to: e.w, path: curve(nodes[e.v]!, nodes[e.w]!, g.edge(e).points ?? [], ask.down) })),
  }
}

// curve leaves a node at its end, goes by the points between layers, and comes to
// the next one at its beginning.
function curve(from: Point, to: Point, points: Point[], down: boolean): string {
  const start = down ? { x: from.x + size.width / 2, y: from.y + size.height } : { x: from.x + size.width, y: from.y + size.height / 2 }
  const end = down ? { x: to.x + size.width / 2, y: to.y } : { x: to.x, y: to.y + size.height / 2 }
  const between = points.length > 3 ? points.slice(1, -1) : []
  const at = (x: number, y: number) => `${x.toFixed(1)} ${y.toFixed(1)}`
  let path = `M${at(start.x, start.y)}`
  let here = start
  for (const next of [...between, end]) {
    const x = (here.x + next.x) / 2
    const y = (here.y + next.y) / 2
    path += down ? `C${at(here.x, y)} ${at(next.x, y)} ${at(next.x, next.y)}` : `C${at(x, here.y)} ${at(x, next.y)} ${at(next.x, next.y)}`
    here = next
  }
  return path
}

onmessage = (e: MessageEvent<Ask>) => postMessage(draw(e.data))
