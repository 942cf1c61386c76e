// Which tiles a view needs, and where things of a tile lie on the screen.

export interface TileCoord {
  z: number
  x: number
  y: number
}

/** Side of a tile on the screen at its own zoom, in pixels. */
export const TILE = 512
const MOST_ZOOM = 18

/** The zoom of the tiles for a zoom of the map. */
export function tileZoom(zoom: number): number {
  return Math.max(0, Math.min(MOST_ZOOM, Math.round(zoom) - Math.log2(TILE / 256)))
}

/**
 * The tiles that a box of world pixels at a zoom touches, nearest to its middle
 * first. Columns beyond the world are those of its other side: wrapped says by how many worlds.
 */
export function tilesIn(box: { x0: number; y0: number; x1: number; y1: number }, zoom: number): (TileCoord & { wrapped: number })[] {
  const z = tileZoom(zoom)
  const side = 256 * 2 ** (zoom - z)
  const n = 2 ** z
  const out: (TileCoord & { wrapped: number; d: number })[] = []
  const cx = (box.x0 + box.x1) / 2 / side
  const cy = (box.y0 + box.y1) / 2 / side
  for (let y = Math.max(0, Math.floor(box.y0 / side)); y <= Math.min(n - 1, Math.floor(box.y1 / side)); y++) {
    for (let col = Math.floor(box.x0 / side); col <= Math.floor(box.x1 / side); col++) {
      const wrapped = Math.floor(col / n)
      out.push({ z, x: col - wrapped * n, y, wrapped, d: Math.hypot(col + 0.5 - cx, y + 0.5 - cy) })
    }
  }
  return out.sort((a, b) => a.d - b.d).map(({ d: _, ...t }) => t)
}

/** Where a tile begins and how long its side is, in world pixels of a zoom. */
export function tileFrame(t: TileCoord & { wrapped: number }, zoom: number): { x: number; y: number; side: number } {
  const side = 256 * 2 ** (zoom - t.z)
  return { x: (t.x + t.wrapped * 2 ** t.z) * side, y: t.y * side, side }
}
