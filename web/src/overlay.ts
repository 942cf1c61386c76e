// What the map shows besides symbols of the items at hand: groups of the server, areas,
// cells, or features as dots, whichever the reader chose.

import { membersUrl } from './api'
import { AreaView } from './areaview'
import { litTest, signLit } from './brush'
import type { Busy } from './busy'
import { Cursor, type Target } from './cursor'
import type { Feature } from './geojson'
import { readAreas, readSigns, type Area, type Context } from './groupread'
import { hexKm } from './hexsize'
import type { MapView } from './mapview'
import type { Marks } from './marks'
import type { Model } from './model'
import { speakGroup, speakItem } from './naming'
import { placeAt, type MapPlace } from './places'
import { outlineZoom, Served, type Asking } from './served'
import { assign, recount } from './recount'
import { areasOf, drawnOf, showOf, type Drawn } from './showas'
import type { Seen } from './showing'
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
/** After a move by so many degrees what is drawn may stand on the other side of the world. */
const TURN = 15

/** An answer, with the longitude around which it was drawn. */
interface Answer {
  features: Feature[]
  asking: Asking
  middle: number
  /** Of a collection at hand, which area each item lies in. */
  of: Map<string, Area> | null
}

export class Overlay {
  private readonly served: Served
  private readonly areas: AreaView
  private readonly tiles: TileView
  private readonly cursor: Cursor
  private model: Model | null = null
  private places: MapPlace[] = []
  private dropped: number | null = null
  private answer: Answer | null = null
  private count = 0
  private mode = ''
  private drawnAs: Drawn = 'marks'

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
    view.map.on('moveend', () => this.turn())
  }

  update(m: Model): void {
    const before = this.model
    this.model = m
    const mode = `${m.data?.id} ${showOf(m)}`
    if (mode !== this.mode) {
      this.mode = mode
      this.drawnAs = drawnOf(m)
      this.clear()
      this.view.map.setMaxZoom(m.data?.remote ? MOST_ZOOM : this.view.maxZoom)
      this.view.base.setShaded(this.drawnAs === 'areas')
    }
    if (before && before.theme !== m.theme) this.areas.recolour()
    this.areas.select(m.state.group)
    this.tiles.update(m, this.drawnAs === 'tiles')
    this.served.update(m)
    if (this.answer?.of && before?.result !== m.result) this.show(this.answer)
  }

  /** Fades the areas without what the reader points at. */
  light(m: Model): void {
    const { lit } = m.state
    const test = this.drawnAs === 'areas' ? litTest(lit, m.data, m.defs) : null
    this.areas.fade(test && ((area) => signLit(lit!, test, area) === false))
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

  get seen(): Seen {
    const { classes, held } = this.areas
    return { classes, held, whole: this.answer?.asking.whole === true, areas: this.count, dropped: this.dropped, zoom: this.view.map.getZoom() }
  }

  private asking(m: Model): Asking | null {
    const zoom = this.view.map.getZoom()
    const unfiltered = !m.data!.remote
    switch (drawnOf(m)) {
      case 'groups':
        return { zoom: Math.max(0, Math.min(MOST_ZOOM, Math.floor(zoom + NEARER))), by: null, whole: false, unfiltered }
      case 'areas':
        return showOf(m) === 'territory'
          ? { zoom: outlineZoom(zoom), by: areasOf(m, zoom), whole: true, unfiltered }
          : { zoom: unfiltered ? 0 : Math.round(zoom), by: `hex:${hexKm(zoom)}`, whole: unfiltered, unfiltered }
      default:
        return null
    }
  }

  private got(features: Feature[], asking: Asking): void {
    const { data } = this.model!
    const middle = this.view.map.getCenter().lng
    let of: Answer['of'] = null
    if (asking.unfiltered && asking.by !== null) {
      const adcode = data!.schema.fields.find((f) => f.role === 'adcode')?.name
      of = assign(data!.items, readAreas(features, this.context(middle)), asking.by, adcode)
    }
    this.show({ features, asking, middle, of })
  }

  /** Stands what is drawn on the side of the world that is in view. */
  private turn(): void {
    const middle = this.view.map.getCenter().lng
    if (this.answer && Math.abs(middle - this.answer.middle) > TURN) this.show({ ...this.answer, middle })
  }

  private show(answer: Answer): void {
    const m = this.model
    if (!m?.data) return
    this.answer = answer
    const { features, asking, middle, of } = answer
    if (asking.by === null) {
      this.marks.serve(readSigns(features, this.context(middle)))
      return
    }
    const areas = of ? recount(of, m.result?.visible ?? [], middle) : readAreas(features, this.context(middle))
    this.count = areas.filter((a) => a.geometry !== null).length
    this.areas.show(areas)
    this.marks.serve(areas.filter((a) => a.geometry === null))
    this.host.drawn()
  }

  private context(middle: number): Context {
    const data = this.model!.data!
    return { data, middle, members: (id) => membersUrl(data.id, id), placeAt: (lat, lon, box) => placeAt(this.places, lat, lon, box) }
  }

  private clear(): void {
    this.answer = null
    this.count = 0
    this.dropped = this.drawnAs === 'tiles' ? null : 0
    this.areas.show([])
    this.cursor.leave()
  }

  /** What the keyboard goes to, where symbols have no elements of their own. */
  private targets(): Target[] | null {
    const m = this.model
    if (!m?.data) return null
    const found = this.drawnAs === 'areas' ? this.areaTargets(m) : this.featureTargets(m)
    return found.length > 0 ? found : null
  }

  private areaTargets(m: Model): Target[] {
    if (this.count === 0) return []
    return this.areas.targets().map((a) => ({ key: a.key, lat: a.lat, lon: a.lon, label: speakGroup(a, m) }))
  }

  private featureTargets(m: Model): Target[] {
    if (this.drawnAs === 'tiles') return this.tiles.targets(MOST_TARGETS).map((f) => ({ key: f.id, lat: f.lat, lon: f.lon, label: f.name }))
    if (this.drawnAs !== 'dots') return []
    const placed = (m.result?.visible ?? []).flatMap((it) => (it.lon === null ? [] : [{ key: it.id, lat: it.lat!, lon: it.lon, label: speakItem(it, m) }]))
    return this.view.nearMiddle(placed).slice(0, MOST_TARGETS)
  }

  private press(key: string): void {
    if (this.drawnAs !== 'areas') this.store.set({ selected: key, group: null })
    else this.store.set({ group: this.store.state.group === key ? null : key, selected: null })
  }
}
