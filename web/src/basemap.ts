// The base map: land, regions, borders, drawn on one canvas below everything
// else. All of it comes from the server that serves the page.

import L from 'leaflet'
import { fetchBase } from './api'
import { afterFrame, inSlices } from './frames'
import type { Box, Geometry, Position } from './geojson'
import { LaterCanvas } from './latercanvas'
import { RingIndex, splitOutline, type Outline } from './outline'
import type { Definition } from './regions'

const FILES = ['land', 'provinces', 'countries', 'disputed'] as const
type BaseFile = (typeof FILES)[number]

/** Where outlines of regions are told from coasts. */
const CHINA: Box = [70, 15, 136, 55]

/** Longitudes beyond this, east and west, are drawn on the other side of 180 degrees too. */
const NEAR_EDGE = 120

/** For how long the base map lets the data go before. */
const PATIENCE_MS = 1500

interface Paint {
  fill?: string
  line?: string
  weight?: number
  dash?: string
}

const PAINT: Record<BaseFile | 'region' | 'shore' | 'casing' | 'outline' | 'approximate', Paint> = {
  land: { fill: '--map-land', line: '--map-coast', weight: 0.8 },
  region: { fill: '--map-region' },
  shore: { line: '--map-coast', weight: 0.8 },
  provinces: { line: '--map-province', weight: 0.8 },
  countries: { line: '--map-country', weight: 0.9 },
  disputed: { line: '--map-country', weight: 0.9, dash: '3 3' },
  casing: { line: '--map-casing', weight: 4 },
  outline: { line: '--map-region-line', weight: 1.5 },
  approximate: { line: '--map-region-line', weight: 1.5, dash: '6 4' },
}

const ORDER = ['land', 'region', 'shore', 'provinces', 'countries', 'disputed', 'casing', 'outline', 'approximate'] as const
type LayerName = (typeof ORDER)[number]
/** What is drawn over another base map too. */
const ABOVE = new Set<LayerName>(['casing', 'outline', 'approximate'])

export class BaseMap {
  private readonly layers = new Map<LayerName, L.Path[]>()
  private readonly outlines = new Map<string, Outline>()
  private readonly renderer: L.Canvas
  /** Of the lines of regions, which go above shaded areas. */
  private readonly lines: L.Canvas
  /** The coast, made when a region needs it. */
  private land: Geometry[] | null = null
  private loaded = false
  private coast: RingIndex | null = null
  private shown: Definition[] = []
  private key = ''
  private backed = false
  private shaded = false

  constructor(private readonly map: L.Map) {
    const pane = map.createPane('base')
    pane.classList.add('base-pane')
    this.renderer = new LaterCanvas({ pane: 'base', padding: 0.4 })
    map.createPane('outlines').classList.add('outlines-pane')
    this.lines = new LaterCanvas({ pane: 'outlines', padding: 0.4 })
  }

  /**
   * Loads all files and draws them once the data are drawn, or take too long; false where
   * one could not be had. One that the server does not have is left out.
   */
  async load(data = Promise.resolve()): Promise<boolean> {
    let whole = true
    const files = await Promise.all(FILES.map((name) => fetchBase(name).catch(() => {
      whole = false
      return null
    })))
    await Promise.race([data, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))])
    for (const [i, name] of FILES.entries()) {
      this.put(name, this.paths((files[i] ?? []).map((f) => f.geometry), name))
      await new Promise((resolve) => setTimeout(resolve)) // each is work enough for one task
    }
    const land = files[0]
    if (land) {
      this.land = land.map((f) => f.geometry).filter((g): g is Geometry => g !== null)
      this.coast = null
      this.outlines.clear()
    }
    this.loaded = true
    this.key = ''
    this.showRegions(this.shown)
    return whole
  }

  /** Draws the definitions in force as light land with an ink line. */
  showRegions(definitions: Definition[]): void {
    this.shown = definitions
    const key = `${this.loaded} ${definitions.map((d) => d.id).join()}`
    if (key === this.key) return
    this.key = key
    void this.drawRegions(definitions, key)
  }

  /** Each outline is split along the coast in a task of its own; others that are wanted meanwhile go before. Lines wait for the coast. */
  private async drawRegions(definitions: Definition[], key: string): Promise<void> {
    const wanted = () => key === this.key
    if (!this.loaded) {
      this.put('region', this.paths(definitions.map((d) => d.feature.geometry), 'region'))
      return
    }
    if (!this.coast) {
      await afterFrame()
      this.coast ??= new RingIndex(this.land ?? [], CHINA)
    }
    if (!(await inSlices(definitions, (d) => this.outlineOf(d), wanted))) return
    this.put('region', this.paths(definitions.map((d) => d.feature.geometry), 'region'))
    const lines = (pick: (o: Outline) => Position[][], name: LayerName, which: Definition[]) =>
      this.put(name, this.paths(which.map((d) => ({ type: 'MultiLineString', coordinates: pick(this.outlineOf(d)) })), name))
    lines((o) => o.shore, 'shore', definitions)
    lines((o) => o.land, 'casing', definitions)
    lines((o) => o.land, 'outline', definitions.filter((d) => !d.approximate))
    lines((o) => o.land, 'approximate', definitions.filter((d) => d.approximate))
  }

  /** Takes the colours of the theme in force. */
  recolour(): void {
    for (const [name, paths] of this.layers) {
      const style = this.style(name)
      for (const p of paths) p.setStyle(style)
    }
  }

  /** Leaves the land to another base map; the lines of the regions stay. */
  setBacked(backed: boolean): void {
    if (backed === this.backed) return
    this.backed = backed
    for (const name of ORDER) this.put(name, this.layers.get(name) ?? [])
  }

  /** Puts the lines of regions above shaded areas, with a casing that tells them from any colour. */
  setShaded(shaded: boolean): void {
    if (shaded === this.shaded) return
    this.shaded = shaded
    this.map.getContainer().classList.toggle('is-shaded', shaded)
    this.put('casing', this.layers.get('casing') ?? [])
  }

  private outlineOf(d: Definition): Outline {
    const known = this.outlines.get(d.id)
    if (known) return known
    const made = splitOutline(d.feature.geometry, this.coast ?? new RingIndex([]))
    this.outlines.set(d.id, made)
    return made
  }

  private put(name: LayerName, paths: L.Path[]): void {
    for (const old of this.layers.get(name) ?? []) old.remove()
    this.layers.set(name, paths)
    if ((this.backed && !ABOVE.has(name)) || (name === 'casing' && !this.shaded)) return
    for (const p of paths) p.addTo(this.map)
    for (const above of ORDER.slice(ORDER.indexOf(name) + 1)) {
      for (const p of this.layers.get(above) ?? []) p.bringToFront()
    }
  }

  /** One path for each polygon or line, so that those out of view cost nothing. */
  private paths(geometries: (Geometry | null)[], name: LayerName): L.Path[] {
    const options: L.PolylineOptions = {
      renderer: ABOVE.has(name) ? this.lines : this.renderer, interactive: false, smoothFactor: 0.8, lineJoin: 'round', lineCap: 'round', ...this.style(name),
    }
    const line = (at: Position[]) => L.polyline(at.map(toLatLng), options)
    const areas = (rings: Position[][]) => onBothSides(rings).map((copy) => L.polygon(copy.map((r) => r.map(toLatLng)), options))
    const draw = (g: Geometry | null): L.Path[] => {
      switch (g?.type) {
        case 'Polygon':
          return areas(g.coordinates)
        case 'MultiPolygon':
          return g.coordinates.flatMap(areas)
        case 'LineString':
          return [line(g.coordinates)]
        case 'MultiLineString':
          return g.coordinates.map(line)
        case 'GeometryCollection':
          return g.geometries.flatMap(draw)
        default:
          return []
      }
    }
    return geometries.flatMap(draw)
  }

  private style(name: LayerName): L.PathOptions {
    const paint = PAINT[name]
    const css = getComputedStyle(this.map.getContainer())
    const color = (v: string | undefined) => (v ? css.getPropertyValue(v).trim() : '')
    return {
      stroke: paint.line !== undefined, color: color(paint.line), weight: paint.weight ?? 0, opacity: 1,
      fill: paint.fill !== undefined, fillColor: color(paint.fill), fillOpacity: 1,
      ...(paint.dash ? { dashArray: paint.dash } : {}),
    }
  }
}

/** The rings of an area, and again beyond 180 degrees where it lies near, for data that cross it. */
function onBothSides(rings: Position[][]): Position[][][] {
  const west = rings[0]?.[0]?.[0] ?? 0
  const shift = west < -NEAR_EDGE ? 360 : west > NEAR_EDGE ? -360 : 0
  return shift === 0 ? [rings] : [rings, rings.map((r) => r.map(([lon, lat]): Position => [lon + shift, lat]))]
}

function toLatLng([lon, lat]: Position): L.LatLngTuple {
  return [lat, lon]
}
