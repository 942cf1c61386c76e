import { describe, expect, it } from 'vitest'
import { makeDataset } from '../src/dataset'
import { normalLongitude, seamOf, unseamed, type Feature, type Geometry } from '../src/geojson'
import { boxAround } from '../src/groupread'
import { readSchema } from '../src/schema'
import { feature } from './fixture'

const point = (lon: number): Geometry => ({ type: 'Point', coordinates: [lon, -17] })

describe('data across 180 degrees', () => {
  it('have a seam only where they leave more than half of the world free', () => {
    expect(seamOf([point(179.5), point(-179.5)])).toBe(179.5)
    expect(seamOf([point(120), point(-157), null])).toBe(120)
    expect(seamOf([point(120), point(-70)])).toBeNull()
    expect(seamOf([point(-75), point(2), point(120)])).toBeNull()
    expect(seamOf([])).toBeNull()
  })

  it('are drawn together, and told with the longitudes they have', () => {
    const data = makeDataset('x', readSchema({}, 'x'), [feature('e', {}, [179.5, -17]), feature('w', {}, [-179.5, -16])], 2)
    expect(data.box).toEqual([179.5, -17, 180.5, -16])
    expect(data.items.map((it) => it.lon)).toEqual([179.5, 180.5])
    expect(data.items.map((it) => normalLongitude(it.lon!))).toEqual([179.5, -179.5])
    expect(data.items[1]!.feature.geometry).toEqual({ type: 'Point', coordinates: [-179.5, -16] })
  })

  it('keep rings, heights and collections', () => {
    const g: Geometry = { type: 'GeometryCollection', geometries: [{ type: 'Polygon', coordinates: [[[-180, 0, 5], [-179, 0, 5], [-179, 1, 5], [-180, 0, 5]]] }, point(179)] }
    expect(unseamed(g, 179)).toEqual({ type: 'GeometryCollection', geometries: [{ type: 'Polygon', coordinates: [[[180, 0, 5], [181, 0, 5], [181, 1, 5], [180, 0, 5]]] }, point(179)] })
    expect(unseamed(g, null)).toBe(g)
  })
})

describe('groups of a large collection around 180 degrees', () => {
  const group = (w: number, s: number, e: number, n: number): Feature => ({ type: 'Feature', id: `${w}`, geometry: { type: 'Point', coordinates: [w, s] }, properties: { bounds: [w, s, e, n] } })
  it('have a box that crosses it, not one around the world', () => {
    expect(boxAround([group(176, -19, 178, -16), group(179.5, -18, -179, -17), group(-176, -22, -175, -20)])).toEqual([176, -22, 185, -16])
  })
  it('have the box of the world where they are all over it', () => {
    expect(boxAround([-170, -100, -20, 60, 120, 170].map((w) => group(w, 0, w + 5, 5)))).toEqual([-170, 0, 175, 5])
    expect(boxAround([])).toBeNull()
  })
})
