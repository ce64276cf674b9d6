// What a layout is asked, and answers.
export interface Ask {
  ids: string[]
  edges: [string, string][]
  down: boolean // layers from top to bottom, else from left to right
}

export interface Point {
  x: number
  y: number
}

export interface Drawn {
  width: number
  height: number
  nodes: Record<string, Point> // upper left corners
  edges: { from: string; to: string; path: string }[]
}

export const size = { width: 208, height: 50 }
