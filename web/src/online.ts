// Base maps of others, which the page fetches from there once a reader has chosen one.

import L from 'leaflet'
import type { OnlineMap } from './api'
import type { Lang } from './schema'
import { gcj02, type Border, type Offset } from './offset'

/** Keys stay in this browser: they are in no link and are sent to the publisher alone. */
const KEYS = 'clustermap keys'

export function keyOf(name: string): string {
  return kept()[name] ?? ''
}

export function keepKey(name: string, key: string): void {
  const all = kept()
  if (key === '') delete all[name]
  else all[name] = key
  try {
    localStorage.setItem(KEYS, JSON.stringify(all))
  } catch {
    held = all // a browser that keeps nothing forgets the key with the page
  }
}

let held: Record<string, string> = {}

function kept(): Record<string, string> {
  try {
    const all = JSON.parse(localStorage.getItem(KEYS) ?? '{}') as unknown
    return typeof all === 'object' && all !== null ? { ...held, ...(all as Record<string, string>) } : held
  } catch {
    return held
  }
}

/** The maps that one key opens share it: they have one publisher. */
export const keyName = (m: OnlineMap) => m.keyFrom ?? m.name

export const titleOf = (m: OnlineMap, lang: Lang) => m.title[lang] ?? m.title.en ?? m.title.zh ?? m.name

/** The layers of a map, the lowest first; told are its tiles that do not come. */
export async function layersOf(m: OnlineMap, pane: string, failed: () => void): Promise<L.TileLayer[]> {
  const offset = m.datum === 'gcj02' ? gcj02((await import('../../geo/crs/border.json')).default as unknown as Border) : null
  return (m.layers.length > 0 ? m.layers : ['']).map((layer) => {
    const options = { pane, subdomains: m.subdomains, minNativeZoom: m.minzoom, maxNativeZoom: m.maxzoom, layer, key: keyOf(keyName(m)) }
    const made = offset ? new MovedLayer(m.tiles, options, offset) : L.tileLayer(m.tiles, options)
    return made.on('tileerror', failed)
  })
}

/** What Leaflet does with the place of a tile; it has no words for it in public. */
interface Placing {
  _getTiledPixelBounds(centre: L.LatLng): L.Bounds
  _getTilePos(at: L.Coords): L.Point
}

const placing = L.GridLayer.prototype as unknown as Placing

/**
 * Tiles of a map whose positions are moved. Each tile is put where the ground of its
 * middle is, so that places of the data lie on the ground that they are on; across a
 * tile the offset changes by less than a pixel from zoom 10 on, below which it is
 * less than that altogether.
 */
export class MovedLayer extends L.TileLayer {
  constructor(url: string, options: L.TileLayerOptions, private readonly offset: Offset) {
    super(url, options)
  }

  /** @internal */
  _getTiledPixelBounds(centre: L.LatLng): L.Bounds {
    const wide = placing._getTiledPixelBounds.call(this, centre)
    const zoom = this.zoom()
    const at = this.map().project(centre, zoom)
    const [lon, lat] = this.offset.toMap([centre.lng, centre.lat])
    const by = this.map().project([lat, lon], zoom).subtract(at)
    const margin = L.point(8, 8)
    return L.bounds(wide.min!.add(by).subtract(margin), wide.max!.add(by).add(margin))
  }

  /** @internal */
  _getTilePos(at: L.Coords): L.Point {
    const size = this.getTileSize()
    const middle = L.point((at.x + 0.5) * size.x, (at.y + 0.5) * size.y)
    const { lng, lat } = this.map().unproject(middle, at.z)
    const [trueLon, trueLat] = this.offset.fromMap([lng, lat])
    return placing._getTilePos.call(this, at).add(this.map().project([trueLat, trueLon], at.z).subtract(middle)).round()
  }

  private map(): L.Map {
    return (this as unknown as { _map: L.Map })._map
  }

  private zoom(): number {
    return (this as unknown as { _tileZoom: number })._tileZoom
  }
}
