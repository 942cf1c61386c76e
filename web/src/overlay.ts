// What the map shows of a collection that the server keeps: groups, areas, cells or
// the features themselves, whichever the reader chose.

import { membersUrl } from './api'
import { AreaView } from './areaview'
import type { Busy } from './busy'
import { Cursor, type Target } from './cursor'
import type { Feature } from './geojson'
import { readAreas, readSigns, type Context } from './groupread'
import { hexKm } from './hexsize'
import type { MapView } from './mapview'
import type { Marks } from './marks'
import type { Model } from './model'
import { speakGroup } from './naming'
import { placeAt, type MapPlace } from './places'
import { Served, type Asking } from './served'
import { areasOf, showOf, type Drawn } from './showing'
import type { Sign } from './signs'
import type { Store } from './state'
import { TileView } from './tileview'

interface Host {
  failed(err: unknown): void
  /** What the legend says changed. */
  drawn(): void
}

/** Groups are those of the zoom at which they stand no nearer than this part of a zoom. */
const NEARER = 0.25
const MOST_ZOOM = 18
/** As many features as the keyboard walks at once. */
const MOST_TARGETS = 200

export class Overlay {
  private readonly served: Served
  private readonly areas: AreaView
  private readonly tiles: TileView
  private readonly cursor: Cursor
  private model: Model | null = null
  private places: MapPlace[] = []
  private dropped = 0
  /** Whether the answer at hand holds areas. */
  private shaded = false
  private count = 0
  private mode = ''

  constructor(private readonly view: MapView, private readonly store: Store, private readonly marks: Marks, busy: Busy, private readonly host: Host) {
    this.areas = new AreaView(view, store, (area) => (this.model ? speakGroup(area, this.model) : ''))
    this.tiles = new TileView(view, store, busy, {
      failed: (err) => host.failed(err),
      dropped: (n) => {
        if (n === this.dropped) return
        this.dropped = n
        host.drawn()
      },
    })
    this.served = new Served(view, busy, { asking: (m) => this.asking(m), got: (features, asking) => this.got(features, asking), failed: (err) => host.failed(err) })
    this.cursor = new Cursor(view, { targets: () => this.targets(), press: (key) => this.press(key) })
    view.map.on('zoomend', () => host.drawn())
  }

  update(m: Model): void {
    const before = this.model
    this.model = m
    const mode = m.data?.remote ? `${m.data.id} ${showOf(m)}` : ''
    if (mode !== this.mode) {
      this.mode = mode
      this.clear()
      this.view.map.setMaxZoom(m.data?.remote ? MOST_ZOOM : this.view.maxZoom)
    }
    if (before && before.theme !== m.theme) this.areas.recolour()
    this.areas.select(m.state.group)
    this.tiles.update(m, mode.endsWith(' features'))
    this.served.update(m)
  }

  setPlaces(places: MapPlace[]): void {
    this.places = places
  }

  /** An area or cell by its key. */
  byKey(key: string): Sign | undefined {
    return this.areas.byKey(key)
  }

  /** Gives focus back to an area or cell. */
  focus(key: string): boolean {
    return this.cursor.focus(key)
  }

  retry(): void {
    this.served.retry()
    this.tiles.retry()
  }

  get drawn(): Drawn {
    return { classes: this.shaded ? this.areas.classes : [], areas: this.count, dropped: this.dropped, zoom: this.view.map.getZoom() }
  }

  private asking(m: Model): Asking | null {
    const zoom = this.view.map.getZoom()
    const level = Math.max(0, Math.min(MOST_ZOOM, Math.floor(zoom + NEARER)))
    switch (showOf(m)) {
      case 'groups':
        return { zoom: level, by: null, whole: false }
      case 'territory':
        return { zoom: 0, by: areasOf(m, zoom), whole: true }
      case 'hexagons':
        return { zoom: Math.round(zoom), by: `hex:${hexKm(zoom)}`, whole: false }
      case 'features':
        return null
    }
  }

  private got(features: Feature[], asking: Asking): void {
    const m = this.model
    if (!m?.data) return
    const at: Context = {
      data: m.data, middle: this.view.map.getCenter().lng,
      members: (id) => membersUrl(m.data!.id, id), placeAt: (lat, lon, box) => placeAt(this.places, lat, lon, box),
    }
    this.shaded = asking.by !== null
    if (asking.by === null) {
      this.marks.serve(readSigns(features, at))
      return
    }
    const areas = readAreas(features, at)
    this.count = areas.filter((a) => a.geometry !== null).length
    this.areas.show(areas)
    this.marks.serve(areas.filter((a) => a.geometry === null))
    this.host.drawn()
  }

  private clear(): void {
    this.shaded = false
    this.count = 0
    this.dropped = 0
    this.areas.show([])
    this.cursor.leave()
    if (this.mode !== '') this.marks.serve([])
  }

  /** What the keyboard goes to, where symbols have no elements of their own. */
  private targets(): Target[] | null {
    const m = this.model
    if (!m?.data?.remote) return null
    const found = this.mode.endsWith(' features')
      ? this.tiles.targets(MOST_TARGETS).map((f) => ({ key: f.id, lat: f.lat, lon: f.lon, label: f.name }))
      : this.areas.targets().filter((a) => a.geometry !== null).map((a) => ({ key: a.key, lat: a.lat, lon: a.lon, label: speakGroup(a, m) }))
    return found.length > 0 ? found : null
  }

  private press(key: string): void {
    if (this.mode.endsWith(' features')) this.store.set({ selected: key, group: null })
    else this.store.set({ group: this.store.state.group === key ? null : key, selected: null })
  }
}
