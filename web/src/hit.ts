// Which feature of a tile lies under the pointer. All in units of the tile.

import { Shape, type TileLayer } from './mvt'

/** The feature at a point: points and lines within reach, the nearest first; else an area that holds the point, the last drawn first. */
export function hitTest(layer: TileLayer, x: number, y: number, reach: number): number | null {
  let best: number | null = null
  let least = reach * reach
  for (let i = 0; i < layer.shapes.length; i++) {
    if (layer.shapes[i] === Shape.Area) continue
    const d = layer.shapes[i] === Shape.Point ? toPoints(layer, i, x, y) : toLines(layer, i, x, y)
    if (d <= least) [best, least] = [i, d]
  }
  for (let i = layer.shapes.length - 1; best === null && i >= 0; i--) {
    if (layer.shapes[i] === Shape.Area && holds(layer, i, x, y)) best = i
  }
  return best
}

/** The square of the distance to the nearest point of a feature. */
function toPoints({ coords, starts }: TileLayer, i: number, x: number, y: number): number {
  let least = Infinity
  for (let k = starts[i]!; k < starts[i + 1]!; k += 2) least = Math.min(least, (coords[k]! - x) ** 2 + (coords[k + 1]! - y) ** 2)
  return least
}

function toLines(layer: TileLayer, i: number, x: number, y: number): number {
  const { coords } = layer
  let least = Infinity
  eachPart(layer, i, (from, to) => {
    for (let k = from + 2; k < to; k += 2) least = Math.min(least, toSegment(x, y, coords[k - 2]!, coords[k - 1]!, coords[k]!, coords[k + 1]!))
  })
  return least
}

function toSegment(x: number, y: number, ax: number, ay: number, bx: number, by: number): number {
  const dx = bx - ax
  const dy = by - ay
  const length = dx * dx + dy * dy
  const t = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length))
  return (x - ax - t * dx) ** 2 + (y - ay - t * dy) ** 2
}

/** By the even-odd rule over all rings. */
function holds(layer: TileLayer, i: number, x: number, y: number): boolean {
  const { coords } = layer
  let inside = false
  eachPart(layer, i, (from, to) => {
    let ax = coords[to - 2]!
    let ay = coords[to - 1]!
    for (let k = from; k < to; k += 2) {
      const bx = coords[k]!
      const by = coords[k + 1]!
      if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) inside = !inside
      ax = bx
      ay = by
    }
  })
  return inside
}

/** Calls visit with where each line or ring of a feature begins and ends in coords. */
export function eachPart(layer: TileLayer, i: number, visit: (from: number, to: number) => void): void {
  const last = layer.partStarts[i + 1]!
  for (let p = layer.partStarts[i]!; p < last; p++) visit(layer.parts[p]!, p + 1 < last ? layer.parts[p + 1]! : layer.starts[i + 1]!)
}
