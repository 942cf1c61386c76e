// The panel of the part of the map that the reader chose: how to choose one, with and
// without a pointer, and the numbers of what lies in it.

import './explore.css'
import L from 'leaflet'
import { ApiError, fetchFeature, type PlaceFound } from './api'
import { areaBox, boxArea, circleArea, MOST_KM, outlineOf, typedPoint, type Area } from './area'
import { AreaNumbers } from './areanumbers'
import { areaWords, divisionTitles } from './areawords'
import { copyText } from './picturedialog'
import { h, icon, replace, setAttrs } from './dom'
import { DrawTool, type Tool } from './draw'
import type { LonLat } from './geodesic'
import { boxOf, ringsOf, type Box, type Geometry } from './geojson'
import type { MapView } from './mapview'
import type { Model } from './model'
import type { MessageKey } from './messages'
import { PlacePicker } from './placepicker'
import { INITIAL, toHash, type Store } from './state'

const TOOLS: { tool: Tool; name: MessageKey; hint: MessageKey }[] = [
  { tool: 'box', name: 'selRectangle', hint: 'selHintBox' },
  { tool: 'lasso', name: 'selLassoTool', hint: 'selHintLasso' },
  { tool: 'circle', name: 'selCircleTool', hint: 'selHintCircle' },
]
const FIRST_KM = 60

export class SelectionView {
  private readonly head = h('div', { class: 'selection-head' })
  private readonly numbers: AreaNumbers
  private readonly tools = h('div', { class: 'selection-tools' })
  private readonly said = h('p', { class: 'hint', attrs: { role: 'status', 'data-testid': 'area-said' } })
  private readonly words = h('div', { class: 'selection-by' })
  /** The ways to choose: at hand while nothing is chosen, else folded away. */
  private readonly how = h('details', { class: 'selection-ways' })
  private readonly again = h('summary', { class: 'head', attrs: { 'data-testid': 'area-again' } })
  private readonly acts = h('div', { class: 'selection-acts' })
  private readonly radius = h('div', { class: 'selection-radius' })
  private wanted = false
  /** The division to fly to once its outline is known. */
  private awaited: string | null = null
  private readonly km = h('input', { class: 'field selection-km', attrs: { id: 'area-km', type: 'number', min: 0.1, max: MOST_KM, step: 'any', inputmode: 'decimal', value: FIRST_KM, 'data-testid': 'area-km', 'data-focus': 'area km' }, on: { change: () => this.resize() } })
  private readonly picker = new PlacePicker((place) => this.place(place), { id: 'area-place', label: 'selPlace', hint: 'selPlaceHint', entered: (text) => this.typed(text) })
  private readonly renderer: L.SVG
  private readonly drawing: DrawTool
  private model: Model | null = null
  private outline: { key: string; layer: L.Polygon } | null = null
  private readonly shapes = new Map<string, Geometry | null>()
  private around = true
  private note = ''
  private shown = false

  constructor(private readonly el: HTMLElement, private readonly map: MapView, private readonly store: Store, private readonly changed: () => void) {
    map.map.createPane('selection').classList.add('selection-pane')
    this.renderer = L.svg({ pane: 'selection', padding: 0.5 })
    this.drawing = new DrawTool(map, this.renderer, {
      drawn: (area) => this.drawn(area), cancelled: () => this.cancel(true), words: (area) => (this.model ? areaWords(this.model, area) : ''),
    })
    this.numbers = new AreaNumbers(store, changed)
    this.how.append(this.again, this.tools, this.words)
    el.append(this.head, this.said, this.radius, this.numbers.el, this.acts, this.how)
    this.again.addEventListener('click', () => { this.wanted = !this.how.open })
    el.setAttribute('data-testid', 'selection')
  }

  update(m: Model, shown: boolean): void {
    this.model = m
    if (!shown && this.drawing.active) this.cancel(false)
    this.drawOutline(m)
    if (!shown) {
      this.shown = false
      return
    }
    setAttrs(this.el, { 'aria-label': m.t('selTitle') })
    this.drawHead(m)
    this.drawTools(m)
    this.drawWords(m)
    this.drawWays(m)
    this.said.textContent = this.note
    this.numbers.update(m)
    this.drawActs(m)
    if (!this.shown && m.state.selecting && m.state.area === null) this.tools.querySelector('button')?.focus({ preventScroll: true })
    if (!this.shown) this.el.scrollIntoView?.({ block: 'nearest' })
    this.shown = true
    this.light(m)
  }

  light(m: Model): void {
    this.numbers.light(m)
  }

  // --- choosing

  private set(area: Area): void {
    this.note = ''
    this.store.set({ area, selecting: true })
    this.awaited = area.kind === 'division' ? area.code : null
    this.fit(area)
    this.toTop()
  }

  /** The numbers of what was just chosen are seen. */
  private toTop(): void {
    this.el.scrollIntoView({ block: 'start' })
  }

  private fit(area: Area): void {
    const box = this.boxOf(area)
    if (box) this.store.set({ flight: { box, point: null, zoom: null, n: this.map.nextFlight() } })
  }

  private boxOf(area: Area): Box | null {
    return areaBox(area) ?? boxOf([this.shapeOf(area)])
  }

  private begin(tool: Tool): void {
    if (this.drawing.active === tool) {
      this.cancel(true)
      return
    }
    this.drawing.stop()
    this.drawing.start(tool)
    this.note = this.model!.t(TOOLS.find((t) => t.tool === tool)!.hint)
    // On small windows the map must be seen to be drawn on.
    this.store.set({ selected: null, group: null, drawer: false, ...(this.store.state.layout === 'phone' ? { snap: 'low' as const } : {}) })
    this.changed()
  }

  private cancel(told: boolean): void {
    this.drawing.stop()
    this.note = ''
    if (!told) return
    this.back()
    this.changed()
    const first = this.how.open ? this.tools.querySelector<HTMLElement>('button') : this.again
    first?.focus({ preventScroll: true })
  }

  /** Shows the panel again after the map was drawn on. */
  private back(): void {
    const { layout } = this.store.state
    if (layout === 'phone') this.store.set({ snap: 'half' })
    else if (layout === 'middle') this.store.set({ drawer: true })
  }

  private drawn(area: Area | null): void {
    if (!area) {
      this.note = this.model!.t('selNothing')
      this.changed()
      return
    }
    this.drawing.stop()
    this.note = ''
    this.wanted = false
    if (document.activeElement instanceof HTMLElement && this.tools.contains(document.activeElement)) document.activeElement.blur()
    this.back()
    if (area.kind === 'circle') this.km.value = String(area.km)
    this.store.set({ area, selecting: true })
    this.changed()
    this.toTop()
  }

  private resize(): void {
    const { area } = this.store.state
    const km = Number(this.km.value)
    if (area?.kind !== 'circle') return
    const next = circleArea(area.center, km)
    if (next) this.set(next)
    else this.km.value = String(area.km)
  }

  private circle(center: LonLat): void {
    const area = circleArea(center, Number(this.km.value)) ?? circleArea(center, FIRST_KM)
    if (area) this.set(area)
  }

  private typed(text: string): boolean {
    const at = typedPoint(text)
    if (at) this.circle(at)
    return at !== null
  }

  private place(p: PlaceFound): void {
    if (!this.around && this.model?.data?.schema.adcode && /^\d{6}/.test(p.code)) {
      const code = p.code.slice(0, 6)
      if (p.code.length === 6) divisionTitles.set(code, p.name)
      this.set({ kind: 'division', code })
    } else if (p.point) this.circle(p.point)
    else {
      this.note = this.model!.t('selNoPoint')
      this.changed()
    }
  }

  private view(): void {
    const area = boxArea(this.map.freeBox())
    if (area) this.store.set({ area, selecting: true })
    this.toTop()
  }

  // --- drawing the panel

  private drawHead(m: Model): void {
    const { area } = m.state
    replace(this.head,
      h('h2', { class: 'head', text: area ? areaWords(m, area) : m.t('selTitle'), attrs: { 'data-testid': 'area-name' } }),
      h('button', {
        class: 'tool selection-close', attrs: { type: 'button', 'aria-label': m.t('close'), title: m.t('close'), 'data-focus': 'area close', 'data-testid': 'area-close' },
        on: { click: () => this.close() },
      }, icon('close')))
  }

  private close(): void {
    this.drawing.stop()
    this.note = ''
    this.store.set({ selecting: false, area: null })
    document.querySelector<HTMLElement>(this.store.state.layout === 'phone' ? '[data-facet-chip=area]' : '[data-testid=area]')?.focus()
  }

  private drawTools(m: Model): void {
    const active = this.drawing.active
    const kind = m.state.area?.kind
    replace(this.tools,
      h('div', { class: 'segments', attrs: { role: 'group', 'aria-label': m.t('selDraw') } }, ...TOOLS.map((t) => h('button', {
        class: `segment${t.tool === active || (active === null && t.tool === kind) ? ' is-on' : ''}`, text: m.t(t.name), attrs: { type: 'button', 'aria-pressed': String(t.tool === active), 'data-draw': t.tool, 'data-focus': `draw ${t.tool}` },
        on: { click: () => this.begin(t.tool) },
      }))),
      h('button', { class: 'link', text: m.t('selView'), attrs: { type: 'button', 'data-focus': 'area view', 'data-testid': 'area-view' }, on: { click: () => this.view() } }))
  }

  private drawWords(m: Model): void {
    const divisions = m.data?.schema.adcode !== undefined
    if (!divisions) this.around = true
    if (this.words.childElementCount === 0) {
      this.words.append(h('div', { class: 'selection-how' }), this.picker.el, h('div', { class: 'selection-beside' }), h('div', { class: 'selection-region' }))
      this.radius.append(h('label', { class: 'fate-label', attrs: { for: 'area-km' } }), this.km)
    }
    const [how, , beside, region] = [...this.words.children] as HTMLElement[]
    const choice = (around: boolean, key: MessageKey) => h('button', {
      class: `segment${this.around === around ? ' is-on' : ''}`, text: m.t(key), attrs: { type: 'button', 'aria-pressed': String(this.around === around), 'data-around': String(around), 'data-focus': `area around ${around}` },
      on: { click: () => { this.around = around; this.drawWords(m) } },
    })
    replace(how!, h('h3', { class: 'hint', text: m.t('selName') }), divisions ? h('div', { class: 'segments', attrs: { role: 'group', 'aria-label': m.t('selName') } }, choice(true, 'selAround'), choice(false, 'selWhole')) : null)
    this.radius.querySelector('label')!.textContent = m.t('selKm')
    const circle = m.state.area?.kind === 'circle'
    const held = this.radius.contains(document.activeElement)
    if (circle && this.radius.parentElement !== this.el) this.said.after(this.radius)
    else if (!circle && this.radius.parentElement !== beside) beside!.append(this.radius)
    if (held) this.km.focus({ preventScroll: true })
    this.radius.hidden = !circle && !this.around
    if (m.state.area?.kind === 'circle' && document.activeElement !== this.km) this.km.value = String(m.state.area.km)
    this.picker.update(m)
    this.drawRegions(m, region!)
  }

  private drawWays(m: Model): void {
    const { area } = m.state
    this.again.textContent = m.t('selAgain')
    this.again.hidden = area === null
    this.how.open = area === null || this.wanted || this.drawing.active !== null || this.how.contains(document.activeElement)
  }

  private drawRegions(m: Model, el: HTMLElement): void {
    el.hidden = m.shownRegions.length === 0
    if (el.hidden) return
    const now = m.state.area?.kind === 'region' ? m.state.area.id : ''
    const select = h('select', {
      class: 'field', attrs: { id: 'area-region', 'data-testid': 'area-region', 'data-focus': 'area region' },
      on: { change: () => { if (select.value !== '') this.set({ kind: 'region', id: select.value }) } },
    }, h('option', { text: m.t('selRegionNone'), attrs: { value: '', selected: now === '' } }),
    ...m.shownRegions.flatMap((r) => r.definitions.map((d) => h('option', { text: m.t('byDefinition', { region: m.of(r.title), short: m.of(d.short) }), attrs: { value: d.id, selected: d.id === now } }))))
    replace(el, h('label', { class: 'fate-label', text: m.t('selRegion'), attrs: { for: 'area-region' } }), select)
  }

  private drawActs(m: Model): void {
    const { area } = m.state
    this.acts.hidden = !area
    if (!area) return
    const { collection, lang, theme, definitions, chosen, ranges, text, show, areas, base } = m.state
    const hash = toHash({ ...INITIAL, collection, lang, theme, definitions, chosen, ranges, text, show, areas, base, area })
    const link = h('a', {
      class: 'link', text: m.t('selLink'), attrs: { href: hash, 'data-testid': 'area-link', 'data-focus': 'area link' },
      on: { click: (e) => { e.preventDefault(); void this.copy(hash) } },
    })
    const act = (key: MessageKey, id: string, press: () => void) => h('button', { class: 'link', text: m.t(key), attrs: { type: 'button', 'data-testid': id, 'data-focus': id }, on: { click: press } })
    replace(this.acts, act('selFit', 'area-fit', () => this.fit(area)), link, act('selClear', 'area-clear', () => this.store.set({ area: null, selecting: true })))
  }

  private async copy(hash: string): Promise<void> {
    const done = await copyText(new URL(hash, location.href).href)
    this.note = this.model!.t(done ? 'copied' : 'copyByHand')
    this.said.textContent = this.note
  }

  // --- the outline on the map

  private drawOutline(m: Model): void {
    const { area } = m.state
    const ring = area && (outlineOf(area) ? [outlineOf(area)!] : ringsOf(this.shapeOf(area)).map((r) => r.map(([x, y]): LonLat => [x, y])))
    const middle = this.map.map.getCenter().lng
    const by = ring && ring.length > 0 ? Math.round((middle - ring[0]![0]![0]) / 360) * 360 : 0
    const key = area && ring ? JSON.stringify([area, ring.length, by]) : ''
    if (this.outline?.key === key) return
    this.outline?.layer.remove()
    this.outline = null
    if (!area || !ring || ring.length === 0) return
    const layer = L.polygon(ring.map((r) => r.map(([x, y]): L.LatLngTuple => [y, x + by])), { renderer: this.renderer, className: `selection-line is-${area.kind}`, interactive: false, smoothFactor: 0.5 })
    this.outline = { key, layer: layer.addTo(this.map.map) }
  }

  /** The outline of a region or a division, which are data. */
  private shapeOf(area: Area): Geometry | null {
    const m = this.model
    if (area.kind === 'region') return m?.regions.flatMap((r) => r.definitions).find((d) => d.id === area.id)?.feature.geometry ?? null
    if (area.kind !== 'division') return null
    const had = this.shapes.get(area.code)
    if (had !== undefined) return had
    this.shapes.set(area.code, null)
    if (m?.collections.some((c) => c.id === 'divisions')) void this.loadDivision(area)
    return null
  }

  private async loadDivision(area: Area & { kind: 'division' }): Promise<void> {
    try {
      const f = await fetchFeature('divisions', area.code)
      const words = (key: string) => String(f.properties[key] ?? '')
      divisionTitles.set(area.code, { zh: words('name_zh'), en: words('name_en') || words('name_zh') })
      this.shapes.set(area.code, f.geometry)
    } catch (err) {
      if (!(err instanceof ApiError)) throw err
    }
    this.changed()
    const { area: now, view } = this.store.state
    if (now?.kind !== 'division' || now.code !== area.code || (view !== null && this.awaited !== area.code)) return
    this.awaited = null
    this.fit(area)
  }
}
