// From point to point by the four ways of the arrow keys.

export type Way = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown'

interface Point {
  x: number
  y: number
}

export const WAYS: Record<Way, Point> = { ArrowLeft: { x: -1, y: 0 }, ArrowRight: { x: 1, y: 0 }, ArrowUp: { x: 0, y: -1 }, ArrowDown: { x: 0, y: 1 } }

/** Which point comes next from one of them, within 45 degrees of a way; null at the end. */
export function nextOn(points: Point[], from: number, way: Way): number | null {
  const at = points[from]!
  const to = WAYS[way]
  let best: number | null = null
  let least = Infinity
  points.forEach((p, i) => {
    const along = (p.x - at.x) * to.x + (p.y - at.y) * to.y
    const aside = Math.abs((p.x - at.x) * to.y - (p.y - at.y) * to.x)
    if (i === from || along <= 0 || aside > along) return
    const far = along + aside
    if (far < least) [best, least] = [i, far]
  })
  return best
}
