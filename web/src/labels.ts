// Label placement without overlap. Labels come in order of importance; each
// tries its sides in turn and is left out rather than laid over another.

export interface Rect {
  x: number
  y: number
  w: number
  h: number
}

export type Side = 'right' | 'left' | 'above' | 'below' | 'ne' | 'se' | 'nw' | 'sw' | 'center'

export interface LabelRequest {
  key: string
  /** What is labelled, in pixels, and how far from it the label begins. */
  x: number
  y: number
  gap: number
  w: number
  h: number
  sides: Side[]
  /** Other places or shorter names, in the order in which they are tried after the first. */
  also?: { x: number; y: number; w: number }[]
  /** All of also is tried on a side before the next side: a short name on the right goes before the whole one on the left. */
  sideFirst?: boolean
  /** The side the label had before; it is tried first, so that labels do not jump. */
  before?: Side | undefined
  /** Placed whatever lies there (the selected label). */
  always?: boolean
  /** The label's own mark, which it may touch. */
  own?: string
  /** Half the side of a dot at x, y that is drawn with the label and must be free too. */
  dot?: number
}

export interface Obstacle extends Rect {
  key: string
}

export interface PlacedLabel extends Rect {
  key: string
  side: Side
  /** Which place or name was taken: 0 the first, 1 the first of also, … */
  variant: number
}

export const POINT_SIDES: Side[] = ['right', 'left', 'above', 'below', 'ne', 'se', 'nw', 'sw']

/** Places labels among obstacles. A label outside of bounds is left out. */
export function placeLabels(requests: LabelRequest[], obstacles: Obstacle[], bounds: Rect): PlacedLabel[] {
  const taken = new BoxGrid()
  for (const o of obstacles) taken.add(o, o.key)
  const placed: PlacedLabel[] = []
  for (const r of requests) {
    const dot = r.dot ? { x: r.x - r.dot, y: r.y - r.dot, w: 2 * r.dot, h: 2 * r.dot } : null
    if (dot && taken.hits(dot, r.own ?? '')) continue
    const sides = r.before ? [r.before, ...r.sides.filter((s) => s !== r.before)] : r.sides
    const found = firstFree(r, sides, taken, bounds) ?? (r.always ? { key: r.key, side: sides[0]!, variant: 0, ...boxAt(r, sides[0]!) } : null)
    if (!found) continue
    taken.add(found, `label ${r.key}`)
    if (dot) taken.add(dot, `label ${r.key}`)
    placed.push(found)
  }
  return placed
}

function firstFree(r: LabelRequest, sides: Side[], taken: BoxGrid, bounds: Rect): PlacedLabel | null {
  const variants = [r, ...(r.also ?? [])]
  const tries = r.sideFirst
    ? sides.flatMap((side) => variants.map((at, variant) => ({ at, variant, side })))
    : variants.flatMap((at, variant) => sides.map((side) => ({ at, variant, side })))
  for (const { at, variant, side } of tries) {
    const box = boxAt({ ...r, x: at.x, y: at.y, w: at.w }, side)
    if (inside(box, bounds) && !taken.hits(box, r.own ?? '')) return { key: r.key, side, variant, ...box }
  }
  return null
}

function boxAt(r: LabelRequest, side: Side): Rect {
  const { x, y, w, h, gap } = r
  const d = gap * 0.75
  switch (side) {
    case 'right':
      return { x: x + gap, y: y - h / 2, w, h }
    case 'left':
      return { x: x - gap - w, y: y - h / 2, w, h }
    case 'above':
      return { x: x - w / 2, y: y - gap - h, w, h }
    case 'below':
      return { x: x - w / 2, y: y + gap, w, h }
    case 'ne':
      return { x: x + d, y: y - d - h, w, h }
    case 'se':
      return { x: x + d, y: y + d, w, h }
    case 'nw':
      return { x: x - d - w, y: y - d - h, w, h }
    case 'sw':
      return { x: x - d - w, y: y + d, w, h }
    case 'center':
      return { x: x - w / 2, y: y - h / 2, w, h }
  }
}

function inside(a: Rect, b: Rect): boolean {
  return a.x >= b.x && a.y >= b.y && a.x + a.w <= b.x + b.w && a.y + a.h <= b.y + b.h
}

export function overlaps(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}

/** Boxes by cell of 64 pixels, so that a label asks only its neighbourhood. */
class BoxGrid {
  private readonly cells = new Map<string, { box: Rect; key: string }[]>()

  add(box: Rect, key: string): void {
    for (const cell of this.cover(box)) {
      const list = this.cells.get(cell)
      if (list) list.push({ box, key })
      else this.cells.set(cell, [{ box, key }])
    }
  }

  hits(box: Rect, except: string): boolean {
    for (const cell of this.cover(box)) {
      for (const e of this.cells.get(cell) ?? []) if (e.key !== except && overlaps(e.box, box)) return true
    }
    return false
  }

  private cover(b: Rect): string[] {
    const out: string[] = []
    for (let x = Math.floor(b.x / 64); x <= Math.floor((b.x + b.w) / 64); x++) {
      for (let y = Math.floor(b.y / 64); y <= Math.floor((b.y + b.h) / 64); y++) out.push(`${x},${y}`)
    }
    return out
  }
}
