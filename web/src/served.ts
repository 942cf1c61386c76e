// Groups and areas of a collection as the server makes them: asked for the part of
// the world in view, a little beyond it, so that small moves ask for nothing.

import { fetchGroups, groupsUrl } from './api'
import type { Busy } from './busy'
import { afterFrame } from './frames'
import type { Box, Feature } from './geojson'
import type { MapView } from './mapview'
import type { Model } from './model'
import { boxText, selectionOf } from './query'
import { persistent } from './retry'

/** What is asked for besides the box. */
export interface Asking {
  zoom: number
  /** The parameter "by"; null for groups by distance. */
  by: string | null
  /** All of the world at once. */
  whole: boolean
  /** Whatever the filters say: the page counts by itself. */
  unfiltered: boolean
}

interface Host {
  asking(m: Model): Asking | null
  got(features: Feature[], asking: Asking): void
  failed(err: unknown): void
}

interface Kept {
  key: string
  box: Box | null
  features: Feature[]
}

/** Answers kept for coming back. */
const KEPT = 24
/** Boxes are cut at every so many pixels of the zoom. */
const CUT = 256
/** How much is asked for beyond the view on each side, in parts of it. */
const PAD = 0.15

export class Served {
  private model: Model | null = null
  private run: AbortController | null = null
  private readonly kept: Kept[] = []
  private shown = ''
  private data: Model['data'] = null

  constructor(private readonly view: MapView, private readonly busy: Busy, private readonly host: Host) {
    view.map.on('moveend', () => this.ask())
  }

  update(m: Model): void {
    this.model = m
    if (m.data !== this.data) {
      this.data = m.data
      this.kept.length = 0
      this.shown = ''
    }
    this.ask()
  }

  /** Asks again after a failure. */
  retry(): void {
    this.shown = ''
    this.ask()
  }

  private ask(): void {
    const m = this.model
    const asking = m?.data ? this.host.asking(m) : null
    if (!m?.data || !asking) {
      this.run?.abort()
      this.run = null
      this.shown = ''
      return
    }
    const selection = asking.unfiltered ? {} : selectionOf(m.data, m.state, m.defs)
    const key = JSON.stringify([selection, asking])
    const view = this.view.box()
    const had = this.kept.find((k) => k.key === key && (k.box === null || holds(k.box, view)))
    if (had) {
      this.run?.abort()
      this.run = null
      this.take(had, asking)
      return
    }
    const box = asking.whole ? null : snapped(view, asking.zoom)
    const url = groupsUrl(m.data.id, {
      ...(outlined(asking.by) ? { zoom: String(asking.zoom) } : {}), ...(asking.by === null ? {} : { by: asking.by }), ...(box === null ? {} : { bbox: boxText(box) }), ...selection,
    })
    // An answer that failed is asked for again only when the reader says so.
    if (this.shown === url) return
    this.run?.abort()
    const run = new AbortController()
    this.run = run
    this.shown = url
    const answer = persistent(() => fetchGroups(url, run.signal), run.signal)
    // Reading and drawing an answer are two tasks.
    this.busy.during(answer.then((features) => afterFrame().then(() => features))).then((features) => {
      if (this.run !== run) return
      this.run = null
      const kept = { key, box, features }
      this.kept.push(kept)
      if (this.kept.length > KEPT) this.kept.shift()
      this.take(kept, asking)
    }, (err: unknown) => {
      if (this.run !== run) return
      this.run = null
      this.host.failed(err)
    })
  }

  private take(k: Kept, asking: Asking): void {
    const name = `${k.key} ${k.box?.join()}`
    if (this.shown === name) return
    this.shown = name
    this.host.got(k.features, asking)
  }
}

/** Groups by distance are of a zoom, and outlines that the server has are simplified for one. */
export function outlined(by: string | null): boolean {
  return by === null || by.startsWith('region:') || by.startsWith('division:')
}

/** The zoom to simplify outlines for: every other one, so that they are seldom asked for anew. */
export function outlineZoom(zoom: number): number {
  return Math.min(18, 2 * Math.ceil((zoom + 0.5) / 2))
}

/** A box around a view, cut at round pixels of a zoom, the same for all views near by. */
export function snapped([w, s, e, n]: Box, zoom: number): Box {
  const world = 256 * 2 ** zoom
  const px = (e - w) / 360 * world * PAD
  const x = (lon: number) => ((lon + 180) / 360) * world
  const y = (lat: number) => (0.5 - Math.log(Math.tan(Math.PI / 4 + (clamp(lat) * Math.PI) / 360)) / (2 * Math.PI)) * world
  const lon = (v: number) => (v / world) * 360 - 180
  const lat = (v: number) => (Math.atan(Math.sinh(Math.PI * (1 - (2 * v) / world))) * 180) / Math.PI
  const down = (v: number) => Math.floor(v / CUT) * CUT
  const up = (v: number) => Math.ceil(v / CUT) * CUT
  const top = down(y(n) - px)
  const bottom = up(y(s) + px)
  return [lon(down(x(w) - px)), bottom >= world ? -90 : lat(bottom), lon(up(x(e) + px)), top <= 0 ? 90 : lat(top)]
}

function clamp(lat: number): number {
  return Math.max(-85.0511287798, Math.min(85.0511287798, lat))
}

function holds(outer: Box, inner: Box): boolean {
  return outer[0] <= inner[0] && outer[2] >= inner[2] && outer[1] <= Math.max(inner[1], -85) && outer[3] >= Math.min(inner[3], 85)
}
