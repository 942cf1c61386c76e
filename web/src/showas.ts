// How a collection is drawn: what the reader chose, what the data allow, and where
// what stands on the map then comes from.

import type { Model } from './model'
import type { Show } from './state'

/**
 * marks: symbols of the items at hand. dots: points of the items at hand. areas: areas
 * or cells of the server. groups, tiles: groups or tiles of the server.
 */
export type Drawn = 'marks' | 'dots' | 'areas' | 'groups' | 'tiles'

/** More features than this have no symbol each, but a dot. */
export const FEW = 400

/** How the collection is drawn now. */
export function showOf(m: Model): Show {
  const { data, state } = m
  if (state.show !== null && (state.show !== 'territory' || hasTerritory(m))) return state.show
  return data?.remote && !data.schema.points ? 'features' : 'groups'
}

/** Where what is drawn comes from. */
export function drawnOf(m: Model): Drawn {
  const show = showOf(m)
  if (show === 'territory' || show === 'hex') return 'areas'
  if (m.data?.remote) return show === 'groups' ? 'groups' : 'tiles'
  return show === 'features' && (m.data?.items.length ?? 0) > FEW ? 'dots' : 'marks'
}

/** Divisions are known by their codes. */
export function hasTerritory(m: Model): boolean {
  return m.data?.schema.fields.some((f) => f.role === 'adcode') === true || m.data?.hasRegions === true
}

/** The areas of the territory view: as chosen, else larger ones for small scales. */
export function areasOf(m: Model, zoom: number): string {
  if (m.state.areas !== null) return m.state.areas
  return `division:${zoom < 5.5 ? 'province' : zoom < 8 ? 'prefecture' : 'county'}`
}
