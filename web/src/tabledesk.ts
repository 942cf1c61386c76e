// Puts together what belongs to the tables of a reader: the files, their report beside
// the map, their rows on it, and their list in the panel. The rest of the page knows
// of nothing but this.

import { h } from './dom'
import type { Model } from './model'
import { rowName, lonLatText } from './rowwords'
import { PIN_ROOM, TableLayer } from './tablelayer'
import { TableList } from './tablelist'
import { Shelf } from './tableshelf'
import { MOST_TABLES, Tables, type Table } from './tables'
import { TableView } from './tableview'
import type { MapView } from './mapview'
import type { Store } from './state'
import type { LonLat } from './table'

interface Told {
  /** The server has said whether it reads tables. */
  begun(enabled: boolean): void
  /** The report is about to open, where other panels may stand. */
  opening(): void
}

/** The zoom at which a row is shown at least: its county and neighbours are in view. */
const ROW_ZOOM = 7

/** What is left around all rows of a table, as a part of their box: dots have a size. */
const ROOM = 0.06

export class TableDesk {
  readonly list: TableList
  private readonly tables: Tables
  private readonly view: TableView
  private readonly layer: TableLayer
  private model: Model | null = null
  /** Counts the changes of tables, so that dots are drawn once for each. */
  private turn = 0
  private readonly arrived = new Set<string>()

  /** The words on the map while a file is held above it. */
  readonly word = h('p', { class: 'drop-word', attrs: { 'aria-hidden': 'true' } })

  constructor(private readonly map: MapView, private readonly store: Store, private readonly told: Told) {
    this.tables = new Tables(new Shelf(), () => this.model?.lang ?? 'zh', (table) => this.changed(table))
    this.view = new TableView(this.tables, {
      reveal: (at) => this.reveal(at), fit: (table) => this.fit(table), looked: () => this.drawLooked(), focusPin: () => this.layer.focusPin(), middle: () => this.middle(),
      open: (collection) => store.set({ collection, chosen: {}, ranges: {}, text: '', area: null, selected: null, group: null, view: null, tab: 'list' }), choose: () => this.choose(),
    })
    this.layer = new TableLayer(map, {
      pick: (table, rows) => {
        told.opening()
        store.set({ selected: null, group: null })
        this.view.pick(table, rows)
      }, choose: (a) => { const now = this.view.looked; if (now) this.view.correct(now.table, now.row, { code: a.code, point: a.point }) },
      moving: (at) => this.view.moving(at), moved: (at) => this.view.setMoved(at),
    })
    this.list = new TableList(this.tables, { open: (table) => { this.open(table); this.fit(table) }, take: (file) => this.take(file) })
  }

  get el(): HTMLElement {
    return this.view.el
  }

  begin(): Promise<void> {
    return this.tables.begin()
  }

  /** Makes room for another panel. */
  close(): void {
    if (!this.el.hidden) this.view.close()
  }

  choose(): void {
    this.list.choose()
  }

  take(file: File): void {
    const table = this.tables.take(file)
    if (table) this.open(table)
    else this.view.full(MOST_TABLES)
  }

  private open(table: Table): void {
    this.told.opening()
    this.store.set({ selected: null, group: null, drawer: false })
    this.view.open(table)
  }

  update(m: Model): void {
    const turned = this.model !== null && this.model.lang !== m.lang
    this.model = m
    this.word.textContent = m.t('tableDrop')
    if (turned) this.tables.speak()
    this.list.update(m)
    this.view.update(m)
    this.drawDots()
    this.drawLooked()
  }

  private changed(table: Table | null): void {
    if (table === null) {
      for (const t of this.tables.list) if (t.answer) this.arrived.add(t.id)
      this.tables.speak()
      this.told.begun(this.tables.terms?.enabled === true)
    }
    const working = table?.stage.kind === 'sending' || table?.stage.kind === 'reading'
    if (!working) this.turn++
    if (!this.model) return
    if (!working) {
      this.list.update(this.model)
      this.drawDots()
    }
    this.view.changed(table)
    if (table?.answer && table.stage.kind === 'ready' && !this.arrived.has(table.id)) {
      this.arrived.add(table.id)
      this.view.arrived(table)
    }
    if (!working) this.drawLooked()
  }

  private drawDots(): void {
    this.layer.draw(this.tables.list, `${this.turn} ${this.model?.theme}`)
  }

  private drawLooked(): void {
    const m = this.model
    const now = this.view.looked
    if (!m || !now || now.row.standing === 'refused') {
      this.layer.select(null, null)
      return
    }
    const name = rowName(m, now.row)
    this.layer.select({ ...now, label: now.at ? m.t('rowMoving', { name, at: lonLatText(now.at) }) : name, hint: m.t('rowMoveHint') }, now.at)
  }

  private reveal([lon, lat]: LonLat): void {
    const { map } = this
    if (map.map.getZoom() >= ROW_ZOOM) map.reveal(lat, lon, PIN_ROOM)
    else this.store.set({ flight: { box: null, point: [lon, lat], zoom: ROW_ZOOM, n: map.nextFlight() } })
  }

  private fit(table: Table): void {
    const b = this.layer.boundsOf(table)?.pad(ROOM)
    if (b) this.store.set({ flight: { box: [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()], point: null, zoom: null, n: this.map.nextFlight() } })
  }

  private middle(): LonLat {
    const f = this.map.free()
    const at = this.map.map.containerPointToLatLng([f.x + f.w / 2, f.y + f.h / 2])
    return [Number(at.lng.toFixed(6)), Number(at.lat.toFixed(6))]
  }
}
