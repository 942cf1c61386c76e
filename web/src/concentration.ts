// The concentration view: where a trade gathers, how strongly, and whether it is more
// than chance. The server computes; the view asks, draws and puts it into words.

import './charts/charts.css'
import './concentration.css'
import { ApiError } from './api'
import { band } from './charts/band'
import { bars } from './charts/bars'
import { Chart, type Drawing } from './charts/chart'
import { dots } from './charts/dots'
import { lorenz } from './charts/lorenz'
import { word, type Word } from './concentrationwords'
import type { Dataset, Item } from './dataset'
import { CLASSES, DIVERGING } from './diverging'
import { h, icon, replace, setVar, textScale } from './dom'
import { bareNoun, decimal, headline, hotWords, intervalOf, leading, pairWords, parameterWords, percent, placeName, spreadWords, surePlace, type Subject } from './findings'
import { evaluate } from './filter'
import { plainNumber } from './format'
import { boxOf } from './geojson'
import { HEX_KM } from './hexsize'
import type { Params } from './messages'
import type { Model } from './model'
import { askPlaces, askStatistic, methodUrl, placesCollection, statisticUrl, type Answer, type Density, type Gini, type HotSpots, type HotUnit, type Pairs, type Places, type Quotients } from './statistics'
import { EVERYTHING, hexWidth, measuresOf, measureText, tradeOf, tradesOf, universeOf, type Trade, type TradeGroup } from './trade'
import { hasWork, type Room, type WorkView } from './workbench'
import { SlideMenu, type Slide } from './workmenu'
import { LAYERS, legendOf, WorkLayers, type Layer } from './worklayers'

export function open(room: Room): WorkView {
  return new Concentration(room)
}

const HOT_CLASSES = ['hot 99', 'hot 95', 'hot 90', 'cold 90', 'cold 95', 'cold 99'] as const

/** Of a kernel, in kilometres. */
const BANDS = [25, 50, 100, 200, 400]

/** What quotients and the Lorenz curve are of. */
const UNITS = ['province', 'prefecture', 'county', 'hexagon'] as const
const UNIT_WORDS = { province: 'unitProvince', prefecture: 'unitPrefecture', county: 'unitCounty', hexagon: 'unitHexagon' } as const

/** How many places the chart of quotients lists. */
const TOP = 10

/** One question to the server: what was asked last, and what came of it. */
class Slot<T> {
  answer: T | null = null
  error: ApiError | null = null
  part = 0
  waiting = false
  private url = ''
  private run: AbortController | null = null

  constructor(private readonly ask: (url: string, signal: AbortSignal, told: (part: number) => void) => Promise<T>, private readonly changed: () => void) {}

  /** Asks for an address that is not the one asked for already; none asks for nothing. */
  want(url: string): void {
    if (url === this.url) return
    this.url = url
    this.run?.abort()
    this.answer = null
    this.error = null
    if (url !== '') void this.start(url)
    else this.waiting = false
  }

  again(): void {
    const url = this.url
    this.url = ''
    this.want(url)
    this.changed()
  }

  private async start(url: string): Promise<void> {
    const run = new AbortController()
    this.run = run
    this.waiting = true
    this.part = 0
    try {
      this.answer = await this.ask(url.split(' ')[0]!, run.signal, (part) => {
        this.part = part
        if (run === this.run && !run.signal.aborted) this.changed()
      })
    } catch (err) {
      if (run.signal.aborted || run !== this.run) return
      if (!(err instanceof ApiError)) throw err
      this.error = err
    }
    if (run !== this.run || run.signal.aborted) return
    this.waiting = false
    this.changed()
  }
}

type LayerAnswer = Places<Partial<Density & HotSpots>>

class Concentration implements WorkView {
  private model: Model | null = null
  private trade: Trade = { key: EVERYTHING, title: null, colour: undefined, select: 'TRUE' }
  private groups: TradeGroup[] = []
  private layer: Layer = 'hot'
  private km = 100
  /** Kilometres of the kernel, two hexagons by default: the rule takes all there is for one heap, and blurs it. 0: by the rule. */
  private band = 0
  private unit: (typeof UNITS)[number] = 'prefecture'
  private of: Dataset | null = null
  private turn = 0
  private drawn = ''
  private fitted = false
  private readonly quotients = new Slot<Answer<Quotients>>(askStatistic, () => this.drawQuotients())
  private readonly gini = new Slot<Answer<Gini>>(askStatistic, () => this.drawGini())
  private readonly pairs = new Slot<Answer<Pairs>>(askStatistic, () => this.drawPairs())
  private readonly hot = new Slot<Answer<HotSpots>>(askStatistic, () => this.drawHot())
  private readonly places = new Slot<LayerAnswer>(askPlaces, () => this.drawLayer())
  private readonly layers: WorkLayers
  private readonly switch = h('div', { class: 'work-layers', attrs: { role: 'group' } })
  private readonly legend = h('aside', { class: 'work-legend', attrs: { hidden: true } })
  private readonly wait = h('p', { class: 'work-wait', attrs: { role: 'status', hidden: true } })
  private readonly said = h('p', { class: 'sr', attrs: { role: 'status' } })
  private readonly finding = h('section', { class: 'finding', attrs: { 'data-testid': 'finding' } })
  private readonly hotPart = h('section', { class: 'finding', attrs: { 'data-testid': 'finding-hot' } })
  private readonly unitPart = h('div', { class: 'work-units' })
  private readonly giniPart = h('section', { class: 'work-part' })
  private readonly placesPart = h('section', { class: 'work-part' })
  private readonly pairsPart = h('section', { class: 'work-part' })
  private readonly charts = { lorenz: new Chart('lorenz'), places: new Chart('places'), hot: new Chart('hot'), pairs: new Chart('pairs') }
  private readonly slides = new SlideMenu(() => this.slide())
  private readonly hows = new Map<string, HTMLDetailsElement>()

  constructor(private readonly room: Room) {
    this.layers = new WorkLayers(room.map, room.over)
    room.side.append(this.said, this.finding, this.hotPart, this.unitPart, this.giniPart, this.placesPart, this.pairsPart)
    room.over.append(this.switch, this.legend, this.wait)
  }

  update(m: Model): void {
    this.model = m
    const data = m.data
    if (!data || data.id !== m.state.collection) return
    if (data !== this.of) {
      this.of = data
      this.turn++
      this.groups = tradesOf(data)
    }
    this.trade = tradeOf(m, data, this.groups)
    this.layer = LAYERS.find((l) => l === m.state.about['layer']) ?? 'hot'
    this.km = HEX_KM.find((v) => String(v) === m.state.about['km']) ?? hexWidth(data.box)
    const band = m.state.about['band']
    this.band = band === 'auto' ? 0 : (BANDS.find((v) => String(v) === band) ?? BANDS.find((v) => v === 2 * hexWidth(data.box)) ?? 0)
    this.unit = data.schema.adcode ? (UNITS.find((u) => u === m.state.about['unit']) ?? 'prefecture') : 'hexagon'
    this.ask(m, data)
    const look = JSON.stringify([m.lang, m.theme, m.state.layout, textScale(), m.state.about, this.trade.key, this.turn, universeOf(m, data)])
    if (look === this.drawn) return
    this.drawn = look
    this.drawHead(m, data)
    this.drawSwitch(m)
    for (const draw of [() => this.drawQuotients(), () => this.drawHot(), () => this.drawGini(), () => this.drawPairs(), () => this.drawLayer()]) draw()
  }

  close(): void {
    for (const slot of [this.quotients, this.gini, this.pairs, this.hot, this.places]) slot.want('')
    this.layers.remove()
    delete document.body.dataset['layer']
  }

  private get sum(): ReturnType<typeof measuresOf>[number] | null {
    return measuresOf(this.of!).find((f) => f.name === this.model!.state.about['measure']) ?? null
  }

  private ask(m: Model, data: Dataset): void {
    const common = { ...universeOf(m, data), select: this.trade.select, measure: measureText(this.sum), lang: m.lang }
    const hexagons = { within: `hex:${this.km}` }
    const units = this.unit === 'hexagon' ? hexagons : { within: `division:${this.unit}` }
    const url = (method: string, query: Record<string, string> = {}) => `${statisticUrl(data.id, method, { ...common, ...query })} ${this.turn}`
    this.quotients.want(url('location-quotient', units))
    this.gini.want(url('gini', units))
    this.hot.want(url('hot-spots', hexagons))
    this.pairs.want(url('duranton-overman'))
    const places = { density: ['kernel-density', this.band > 0 ? { bandwidth_km: String(this.band) } : {}], hexagons: ['hexagons', hexagons], hot: ['hot-spots', hexagons], quotients: ['location-quotient', units] } as const
    const [method, query] = places[this.layer]
    this.places.want(url(method, { ...query, f: 'geojson' }))
  }

  private t(key: Word, params: Params = {}): string {
    return word(this.model!.lang, key, params)
  }

  private subject(): Subject {
    const m = this.model!
    const data = this.of!
    return {
      lang: m.lang, trade: this.trade.title ? m.of(this.trade.title) : null, clusters: data.isAtlas || /cluster|集群/i.test(data.schema.title.en + data.schema.title.zh),
      sum: this.sum ? m.of(this.sum.title) : null, unit: UNIT_WORDS[this.unit],
    }
  }

  private set(key: string, value: string): void {
    this.room.store.set({ about: { ...this.room.store.state.about, [key]: value } })
  }

  // --- controls

  private option(value: string, label: string, on: boolean): HTMLOptionElement {
    return h('option', { text: label, attrs: { value, selected: on } })
  }

  private pick(key: string, label: string, dot: boolean, ...options: Node[]): HTMLElement {
    return h('label', { class: `work-pick${dot ? ' is-trade' : ''}` },
      dot ? setVar(h('span', { class: 'work-dot', attrs: { 'aria-hidden': 'true' } }), '--c', `var(${this.trade.colour ?? '--ink-3'})`) : null,
      h('span', { class: dot ? 'sr' : 'hint', text: label }),
      h('select', { attrs: { 'data-focus': `work ${key}`, 'data-testid': `work-${key}` }, on: { change: (e) => this.set(key, (e.target as HTMLSelectElement).value) } }, ...options), icon('chevron'))
  }

  private drawHead(m: Model, data: Dataset): void {
    const whole = (g: TradeGroup, t: Trade) => (g.trades.length > 1 && !t.key.startsWith('=') && data.schema.category?.groups.length ? this.t('familyWhole', { name: m.of(t.title!) }) : m.of(t.title!))
    const groups = this.groups.map((g) => {
      const el = h('optgroup', { attrs: { label: m.of(g.title) } }, ...g.trades.map((t) => this.option(t.key, whole(g, t), t.key === this.trade.key)))
      return el
    })
    const sums = measuresOf(data)
    const widths = HEX_KM.filter((v) => v >= this.km / 5 && v <= this.km * 5)
    replace(this.room.head,
      this.groups.length > 0 ? this.pick('trade', this.t('trade'), true, this.option(EVERYTHING, this.t('tradeAll'), this.trade.key === EVERYTHING), ...groups) : null,
      sums.length > 0 ? this.pick('measure', this.t('measure'), false, this.option('', this.t('measureCount'), this.sum === null), ...sums.map((f) => this.option(f.name, m.of(f.title), f === this.sum))) : null,
      this.layer === 'density'
        ? this.pick('band', this.t('bandwidth'), false, this.option('auto', this.t('bandAuto'), this.band === 0), ...BANDS.map((v) => this.option(String(v), `${v} ${this.t('km')}`, v === this.band)))
        : this.pick('km', this.t('hexWidth'), false, ...widths.map((v) => this.option(String(v), `${v} ${this.t('km')}`, v === this.km))),
      hasWork('compare') ? h('button', {
        class: 'tool has-text work-other', attrs: { type: 'button', 'data-focus': 'work compare', 'data-testid': 'work-compare' }, on: { click: () => this.room.store.set({ work: 'compare', about: {} }) },
      }, icon('compare'), h('span', { text: this.t('compare') })) : null,
      this.slides.el)
    replace(this.unitPart, data.schema.adcode ? this.pick('unit', this.t('unitPick'), false, ...UNITS.map((u) => this.option(u, this.t(UNIT_WORDS[u], { n: 2 }), u === this.unit))) : null)
    this.slides.update(this.t('slide'), this.t('slideLong'))
  }

  /** The map as it is now, with what it shows as its title. */
  private slide(): Slide | null {
    const { answer } = this.places
    const collection = answer && placesCollection(answer)
    const [quotients, hot] = [this.quotients.answer, this.hot.answer]
    if (!collection || !quotients) return null
    const s = this.subject()
    const title = (this.layer === 'hot' && hot ? hotWords(s, hot) : '') || headline(s, quotients)
    const m = this.model!
    return { collection, title, subtitle: `${answer.method.title} · ${answer.universe}`, box: this.room.map.freeBox(), dark: m.theme === 'dark', lang: m.lang }
  }

  private drawSwitch(m: Model): void {
    this.switch.setAttribute('aria-label', this.t('layers'))
    replace(this.switch, ...LAYERS.map((l) => h('button', {
      class: 'button', text: this.t(l), attrs: { type: 'button', 'aria-pressed': String(l === this.layer), 'data-layer': l, 'data-focus': `layer ${l}` }, on: { click: () => this.set('layer', l) },
    })))
    // Large letters make a legend that would cover the map.
    if (m.state.layout !== 'wide' || textScale() > 1.25) this.room.side.prepend(this.legend)
    else this.room.over.append(this.legend)
  }

  // --- the map

  private drawLayer(): void {
    const m = this.model!
    const { answer, error, waiting } = this.places
    this.wait.hidden = !waiting && error === null
    this.wait.textContent = waiting ? this.t('computing') : error ? this.failedWords(error) : ''
    this.legend.hidden = answer === null
    document.body.dataset['layer'] = answer ? this.layer : ''
    const shown = answer ? { layer: this.layer, answer, lang: m.lang, km: this.km, what: this.sum ? m.of(this.sum.title) : bareNoun(this.subject()), points: this.points(m) } : null
    this.layers.show(shown)
    if (!shown) return
    replace(this.legend, ...legendOf(shown))
    this.fit(m, shown.answer)
  }

  /** Where the features under study lie; of a collection that the server keeps the page does not know. */
  private points(m: Model): [number, number][] {
    const family = this.trade.key
    const field = this.of!.schema.category
    const has = (it: Item) => family === EVERYTHING || (family.startsWith('=') ? it.feature.properties[field?.name ?? ''] === family.slice(1) : it.color === family)
    const universe = { ...m.state, chosen: Object.fromEntries(Object.entries(m.state.chosen).filter(([key]) => key !== 'family' && key !== `p.${field?.name}`)) }
    if (this.of!.remote) return []
    return evaluate(this.of!, universe, m.defs).visible.filter((it) => it.lon !== null && has(it)).map((it) => [it.lon!, it.lat!])
  }

  /** Before the reader has moved the map it shows what was found and no more. */
  private fit(m: Model, answer: LayerAnswer): void {
    const found = answer.features.filter((f) => f.properties['value'] !== 0)
    const box = boxOf(found.map((f) => f.geometry))
    if (this.fitted || m.state.view !== null || !box) return
    this.fitted = true
    this.room.store.set({ flight: { box, point: null, zoom: null, n: this.room.map.nextFlight() } })
  }

  // --- the findings

  private drawQuotients(): void {
    const { answer } = this.quotients
    const s = this.subject()
    if (!answer) {
      replace(this.finding, this.stateOf(this.quotients))
      replace(this.placesPart, this.stateOf(this.quotients))
      return
    }
    const words = headline(s, answer)
    this.said.textContent = words
    const sure = surePlace(s, answer)
    replace(this.finding,
      h('h2', { text: words }),
      sure ? h('p', { text: sure }) : null,
      h('p', { class: 'hint', text: `${s.trade === null ? '' : this.t('chanceIs')}${this.t('universeIs', { universe: answer.universe })}` }),
      this.how('finding', answer))
    this.drawPlaces(s, answer)
  }

  private drawPlaces(s: Subject, answer: Answer<Quotients>): void {
    const units = leading(answer.result.units)
    if (units.length === 0) {
      replace(this.placesPart, h('p', { class: 'work-state', text: this.t('noFigures') }))
      return
    }
    const value = (v: number | null) => (v === null ? '–' : plainNumber(v))
    const top = units.slice(0, TOP)
    const all = answer.result.units.reduce((sum, u) => sum + (u.value ?? 0), 0)
    const heads = [this.t('place'), this.sum ? this.t('measure') : this.t('count'), this.t('share'), this.t('lq')]
    const figures = {
      columns: [this.t('place'), this.sum ? this.model!.of(this.sum.title) : this.t('count'), `${this.t('share')}, %`, this.t('lq'), this.t('low'), this.t('high'), this.t('pAdjusted')],
      rows: units.map((u) => [placeName(s, u), u.value, all > 0 ? Math.round((u.value! / all) * 1000) / 10 : null, u.lq, u.low, u.high, u.p_adjusted]),
    }
    const first = top[0]!
    const base = { ...this.drawing('placesTitle', answer), figures, alt: `${placeName(s, first)}: ${value(first.value)}, ${this.t('lq')} ${decimal(first.lq)}` }
    if (s.trade === null) {
      this.charts.places.update({ ...base, caption: '', draw: (w) => bars(top.map((u) => ({ name: placeName(s, u), value: u.value!, figure: value(u.value), colour: null })), w) })
    } else {
      const rows = top.map((u) => ({ name: placeName(s, u), cells: [value(u.value), percent(u.value! / all), decimal(u.lq)], value: u.lq, ...intervalOf(u), p: u.p_adjusted }))
      this.charts.places.update({ ...base, lead: this.t('placesLead'), caption: this.t('placesAxes', { n: rows.length }), draw: (w) => dots({ heads, rows }, w) })
    }
    replace(this.placesPart, this.charts.places.el, this.how('places', answer))
  }

  private drawHot(): void {
    const { answer } = this.hot
    if (!answer) {
      replace(this.hotPart, this.stateOf(this.hot))
      return
    }
    const words = hotWords(this.subject(), answer)
    replace(this.hotPart, words ? h('p', { text: words }) : null, this.hotChart(answer), this.how('hot', answer))
  }

  /** Cells by class; the table holds each cell that is significant or has something. */
  private hotChart(answer: Answer<HotSpots>): HTMLElement | null {
    const units = answer.result.units ?? []
    const rows = HOT_CLASSES.map((c) => ({ c, of: units.filter((u) => u.class === c) })).filter((r) => r.of.length > 0)
    if (rows.length === 0) return null
    const value = (list: HotUnit[]) => plainNumber(list.reduce((sum, u) => sum + (u.value ?? 0), 0))
    this.charts.hot.update({
      ...this.drawing('hotTitle', answer), lead: this.t('hotLead'), caption: this.t('hotAxes', { q: plainNumber(answer.result.q * 100) }), alt: hotWords(this.subject(), answer),
      figures: {
        columns: [this.t('cell'), this.sum ? this.model!.of(this.sum.title) : this.t('count'), 'z', this.t('pTitle'), this.t('pAdjusted'), this.t('class')],
        rows: units.filter((u) => u.class !== 'none' || (u.value ?? 0) > 0).map((u) => [u.title ? placeName(this.subject(), u) : u.key, u.value, u.z, u.p, u.p_adjusted, this.t(u.class as Word)]),
      },
      draw: (w) => bars(rows.map((r) => ({ name: this.t(r.c), value: r.of.length, figure: this.t('cells', { n: r.of.length, value: value(r.of) }), colour: DIVERGING[CLASSES.indexOf(r.c)]! })), w),
    })
    return this.charts.hot.el
  }

  private drawGini(): void {
    const { answer } = this.gini
    const s = this.subject()
    if (!answer) {
      replace(this.giniPart, this.stateOf(this.gini))
      return
    }
    const r = answer.result
    if (r.gini === null || r.lorenz.length < 2) {
      replace(this.giniPart, h('p', { class: 'work-state', text: this.t('noFigures') }), this.how('gini', answer))
      return
    }
    const unit = this.t(s.unit, { n: r.half?.units ?? 2 })
    const units = this.t(s.unit, { n: 2 })
    const words = spreadWords(s, answer)
    this.charts.lorenz.update({
      ...this.drawing('lorenzTitle', answer), lead: this.t('giniIs', { gini: decimal(r.gini) }), alt: `${this.t('giniIs', { gini: decimal(r.gini) })}. ${words}`,
      caption: this.t('lorenzAxes', { base: this.t(s.trade === null ? 'baseUnits' : 'baseUniverse', { unit: units }), noun: bareNoun(s) }),
      figures: { columns: [this.t('unitsShare'), this.t('tradeShare')], rows: r.lorenz.map((p) => [Math.round(p.x * 1e4) / 100, Math.round(p.y * 1e4) / 100]) },
      draw: (w) => lorenz({ points: r.lorenz, even: this.t(s.trade === null ? 'evenSpread' : 'evenLine'), half: r.half ? this.t('halfLine', { units: r.half.units, unit }) : null }, w),
    })
    replace(this.giniPart, this.charts.lorenz.el, words ? h('p', { class: 'work-means', text: words }) : null, this.how('gini', answer))
  }

  private drawPairs(): void {
    const { answer } = this.pairs
    if (!answer) {
      replace(this.pairsPart, this.stateOf(this.pairs))
      return
    }
    const r = answer.result
    const words = pairWords(this.subject(), answer)
    if (r.kd.length === 0) {
      replace(this.pairsPart, h('h3', { class: 'chart-title', text: this.t('pairsTitle') }), h('p', { class: 'work-state', text: this.t('noFigures') }), this.how('pairs', answer))
      return
    }
    const scaled = (v: number[]) => v.map((d) => d * 1e4)
    const [y, low, high] = [scaled(r.kd), scaled(r.low), scaled(r.high)]
    this.charts.pairs.update({
      ...this.drawing('pairsTitle', answer), lead: this.t('pairsLead'), alt: words, caption: this.t('pairsAxes', { draws: plainNumber(r.draws) }),
      figures: { columns: [this.t('distance'), this.t('found'), this.t('low'), this.t('high')], rows: r.distance_km.map((d, i) => [Math.round(d * 10) / 10, y[i] ?? null, low[i] ?? null, high[i] ?? null]) },
      draw: (w) => band({ x: r.distance_km, y, low, high, chance: this.t('pairsChance'), found: this.t('pairsFound'), unit: this.t('km') }, w),
    })
    replace(this.pairsPart, this.charts.pairs.el, words ? h('p', { class: 'work-means', text: words }) : null, this.how('pairs', answer))
  }

  private drawing(title: Word, answer: Answer<unknown>): Pick<Drawing, 'title' | 'source' | 'file' | 'lang' | 'colour'> {
    const m = this.model!
    return {
      title: this.t(title), source: `${m.of(this.of!.schema.title)} · ${this.trade.title ? `${m.of(this.trade.title)} · ` : ''}${answer.method.title} · n = ${plainNumber(answer.n)}`,
      file: `${this.of!.id}-${answer.method.id}`, lang: m.lang, colour: this.trade.colour,
    }
  }

  private failedWords(err: ApiError): string {
    return this.t('failed', { why: err.status === null ? this.t('noAnswer') : err.detail || err.message })
  }

  /** What stands in place of an answer that is not there. */
  private stateOf(slot: Slot<unknown>): HTMLElement {
    if (slot.error) {
      return h('div', { class: 'work-state' }, h('p', { class: 'work-failed', text: this.failedWords(slot.error) }),
        h('button', { class: 'button', text: this.t('again'), attrs: { type: 'button' }, on: { click: () => slot.again() } }))
    }
    const part = slot.part > 0 ? Math.floor(slot.part * 100) : null
    return h('div', { class: 'work-state is-waiting', attrs: { 'aria-busy': 'true' } },
      h('p', { text: part === null ? this.t('computing') : this.t('computingPart', { part }) }),
      h('progress', { attrs: { max: 100, 'aria-label': this.t('computing'), ...(part === null ? {} : { value: part }) } }))
  }

  /** Method, parameters, universe, remarks and source of an answer, one click away. */
  private how(key: string, a: Answer<unknown>): HTMLElement {
    const el = this.hows.get(key) ?? h('details', { class: 'how', attrs: { 'data-how': key } })
    this.hows.set(key, el)
    const row = (label: Word, ...value: (Node | string)[]) => [h('dt', { text: this.t(label) }), h('dd', {}, ...value)]
    const notes = a.warnings.length
    replace(el,
      h('summary', { text: notes > 0 ? this.t('howNotes', { n: notes }) : this.t('how'), attrs: { 'data-focus': `how ${key}` } }),
      h('dl', {},
        ...row('method', h('a', { class: 'link', text: a.method.title, attrs: { href: methodUrl(a.method.id, this.model!.lang), target: '_blank', rel: 'noopener' } })),
        ...row('universe', a.universe), ...row('studied', plainNumber(a.n)), ...row('weights', a.weights),
        ...row('parameters', parameterWords(a.parameters, this.model!.lang)),
        ...(notes > 0 ? row('notes', h('ul', {}, ...a.warnings.map((w) => h('li', { text: w })))) : []),
        ...row('source', a.method.source), ...row('rev', a.rev)))
    return el
  }
}
