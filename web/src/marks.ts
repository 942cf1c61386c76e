// The symbols on the map: one Leaflet marker for each sign in view, kept while its
// content stays, so that focus and hover survive a redraw.

import L from 'leaflet'
import { litTest, signLit } from './brush'
import { h } from './dom'
import type { Item } from './dataset'
import { afterFrame, inSlices } from './frames'
import { near } from './groupread'
import { groupRadius, MAX_ZOOM, project, ringParts } from './groups'
import { speakGroup, speakItem } from './naming'
import { shortCount } from './format'
import type { MapView } from './mapview'
import { reducedMotion } from './mapview'
import type { Model } from './model'
import { flights, flyIn, flyOut, type Placed } from './motion'
import { drawnOf, showOf } from './showas'
import { loneSign, signsApart, signsOf, type Sign, type Spot } from './signs'
import { onlyPassing, type Key, type Moment, type Store } from './state'
import { fanOffset, fanStems, groupDisc, symbol } from './symbols'

export interface Shown extends Sign {
  /** Pixels of the world at the zoom in force. */
  x: number
  y: number
  /** A stack whose symbols are fanned out, not closed under a badge. */
  open: boolean
}

interface Kept {
  marker: L.Marker
  el: HTMLElement
  look: string
  shown: Shown
}

/** After a move by so many degrees marks may belong on the other side of the world. */
const TURN = 15
/** Room that a fan needs around its seat, in pixels. */
const FAN_ROOM = 44

export class Marks {
  private readonly kept = new Map<string, Kept>()
  private spots: Spot[] = []
  /** What stands on the map where that does not follow from the items at hand; else null. */
  private served: Sign[] | null = null
  /** Each item has a symbol of its own. */
  private apart = false
  private look = ''
  private current: Shown[] = []
  private inView: Shown[] = []
  private model: Model | null = null
  private zoom = NaN
  /** Counts the times that marks were drawn or are to be. */
  private turn = 0
  /** The longitude around which marks stand. */
  private middle = 0

  constructor(private readonly view: MapView, private readonly store: Store, private readonly drawn: (shown: Shown[]) => void) {
    view.map.createPane('marks').classList.add('marks-pane')
    view.map.on('moveend', () => void this.later()) // a zoom ends with a move
    view.map.getContainer().addEventListener('keydown', (e) => this.keys(e))
    for (const type of ['focusin', 'focusout']) view.map.getContainer().addEventListener(type, () => this.drawn(this.inView))
    view.map.on('click', () => this.store.set({ group: null }))
  }

  update(model: Model, changed: Set<Key> | null): void {
    const before = this.model
    this.model = model
    if (!before || before.result !== model.result || before.data !== model.data) {
      this.spots = (model.result?.visible ?? []).filter((it) => it.lon !== null).map((item) => ({ id: item.id, item, ...project(item.lon!, item.lat!) }))
      this.zoom = NaN
    }
    const look = `${model.data?.id} ${showOf(model)}`
    if (look !== this.look) {
      this.look = look
      this.served = drawnOf(model) === 'marks' ? null : []
      this.apart = showOf(model) === 'features'
      this.zoom = NaN
    }
    if (before && before.selected !== model.selected) this.zoom = NaN
    if (changed && [...changed].every((k) => k === 'view')) return
    if (onlyPassing(changed) || (before !== null && model.data?.remote && !Number.isNaN(this.zoom) && alike(before, model))) {
      this.light()
      return
    }
    this.draw()
  }

  /** Takes what stands on the map at the zoom in force. */
  serve(signs: Sign[]): void {
    this.served = signs
    this.zoom = NaN
    void this.later()
  }

  /** The mark that holds an item at the zoom in force, if it is drawn or could be. */
  markOf(id: string): Shown | undefined {
    return this.current.find((s) => s.items.some((it) => it.id === id))
  }

  byKey(key: string): Shown | undefined {
    return this.current.find((s) => s.key === key)
  }

  /** The zoom at which an item has a symbol of its own or in a stack. */
  soloZoom(id: string, from: number): number {
    if (this.served) return Math.max(from, SERVED_ZOOM)
    if (this.apart) return from
    for (let z = Math.ceil(from * 2) / 2; z < MAX_ZOOM; z += 0.5) {
      const sign = signsOf(this.spots, z, this.gap()).find((s) => s.items.some((it) => it.id === id))
      if (!sign || sign.kind !== 'group') return z
    }
    return MAX_ZOOM
  }

  /** Pixels between marks: a few stand close, many need air. */
  private gap(): number {
    return this.spots.length <= 200 ? 3 : 10
  }

  /** The signs at the zoom in force; what is selected has one of its own if no other shows it. */
  private signs(zoom: number): Sign[] {
    if (!this.served) return this.apart ? signsApart(this.spots, zoom) : signsOf(this.spots, zoom, this.gap())
    const chosen = this.model?.selected
    if (!chosen || chosen.lon === null || this.served.some((s) => s.items.some((it) => it.id === chosen.id))) return this.served
    return [...this.served, loneSign(chosen)]
  }

  private draw(slowly = false): void {
    const model = this.model
    if (!model) return
    const zoom = this.view.map.getZoom()
    this.view.map.getContainer().classList.toggle('is-near', zoom >= 8)
    const before = this.positions()
    const middle = this.view.map.getCenter().lng
    if (zoom !== this.zoom || Math.abs(middle - this.middle) > TURN) {
      this.zoom = zoom
      this.middle = middle
      this.current = arrange(this.signs(zoom), zoom, middle)
    }
    const bounds = this.view.map.getBounds().pad(0.25)
    const wanted = this.current.filter((s) => bounds.contains([s.lat, s.lon]))
    const keys = new Set(wanted.map((s) => s.key))
    const focused = document.activeElement?.closest<HTMLElement>('.mark')
    const gone: Kept[] = []
    for (const [key, k] of this.kept) {
      if (keys.has(key)) continue
      if (focused && k.el.contains(focused)) this.view.map.getContainer().focus({ preventScroll: true })
      gone.push(k)
      this.kept.delete(key)
    }
    this.inView = wanted
    this.leave(gone, before.length > 0)
    const fresh = wanted.filter((s) => !this.kept.has(s.key))
    const from = this.origins(fresh, before)
    for (const s of wanted) if (this.kept.has(s.key)) this.show(s, model)
    const put = (s: Shown) => this.arrive(s, model, from.get(s.key))
    const done = () => {
      this.light()
      this.drawn(wanted)
    }
    const turn = ++this.turn
    if (slowly) void inSlices(fresh, put, () => turn === this.turn).then((whole) => whole && done())
    else {
      fresh.forEach(put)
      done()
    }
  }

  /** Draws soon, in pieces, so that the end of a movement is not held up. */
  private async later(): Promise<void> {
    const turn = ++this.turn
    await afterFrame()
    if (turn === this.turn) this.draw(true)
  }

  /** Where the children of groups that stood there fly out from. */
  private origins(fresh: Shown[], before: Placed[]): Map<string, Placed> {
    if (reducedMotion() || before.length === 0) return new Map()
    return flights(fresh.map((s) => ({ ...this.point(s), sign: s })), before)
  }

  private arrive(s: Shown, model: Model, from: Placed | undefined): void {
    this.show(s, model)
    const kept = this.kept.get(s.key)
    if (from && kept) flyIn(kept.el, from, this.point(s))
  }

  /** Marks that are gone fly into the group that takes them. */
  private leave(gone: Kept[], moves: boolean): void {
    const now = this.current.map((s) => ({ ...this.point(s), sign: s }))
    const into = reducedMotion() || !moves ? new Map<string, Placed>() : flights(gone.map((k) => ({ ...this.point(k.shown), sign: k.shown })), now)
    for (const k of gone) {
      const to = into.get(k.shown.key)
      if (to) flyOut(k.el, this.point(k.shown), to, () => k.marker.remove())
      else k.marker.remove()
    }
  }

  private point(s: Sign): L.Point {
    return this.view.map.latLngToContainerPoint([s.lat, s.lon])
  }

  private positions(): Placed[] {
    return [...this.kept.values()].map(({ shown }) => ({ ...this.view.map.latLngToContainerPoint([shown.lat, shown.lon]), sign: shown }))
  }

  private show(s: Shown, model: Model): void {
    const look = `${model.lang} ${s.open} ${model.data?.id} ${s.lat} ${s.lon} ${s.parts.map((p) => p.n).join()}`
    const old = this.kept.get(s.key)
    if (old && old.look === look) {
      old.shown = s
      return
    }
    const focused = old !== undefined && old.el.contains(document.activeElement)
    old?.marker.remove()
    const el = this.element(s, model)
    const marker = L.marker([s.lat, s.lon], {
      pane: 'marks', keyboard: false, interactive: true, bubblingMouseEvents: false, riseOnHover: false,
      icon: L.divIcon({ html: el, className: 'mark-icon', iconSize: [0, 0] }),
    })
    const target = (e: L.LeafletMouseEvent) => (e.originalEvent.target as Element).closest<HTMLElement>('.mark')
    marker.on('click', (e) => this.press(target(e), e.originalEvent.shiftKey))
    marker.on('contextmenu', (e) => {
      e.originalEvent.preventDefault()
      this.press(target(e), true)
    })
    marker.addTo(this.view.map)
    this.kept.set(s.key, { marker, el, look, shown: s })
    if (focused) (el.classList.contains('mark') ? el : el.querySelector<HTMLElement>('.mark'))?.focus({ preventScroll: true })
  }

  private element(s: Shown, model: Model): HTMLElement {
    if (s.kind === 'single' && s.items[0]) return this.single(s.items[0], model, null)
    if (s.kind === 'stack' && s.open) {
      const fan = h('div', { class: 'fan-box' }, fanStems(s.n))
      s.items.forEach((item, i) => fan.append(this.single(item, model, fanOffset(i, s.n))))
      return fan
    }
    const opens = s.members !== null && s.split() !== null
    const el = h('div', { class: 'mark mark-group', attrs: { role: 'button', tabindex: '-1', 'aria-label': speakGroup(s, model), 'data-group': s.key, 'data-n': s.n, ...(opens ? { title: model.t('groupHint') } : { 'aria-haspopup': 'dialog' }) } })
    const first = s.items[0]
    if (s.kind === 'stack' && first) {
      el.classList.add('mark-closed')
      el.append(symbol(first.shape, first.drawing, model.token(first)), h('span', { class: 'badge', text: String(s.n) }))
    } else {
      const tokens = new Map(model.data!.palette.map((o) => [o.key, o.token ?? 'rest']))
      const parts = ringParts(s.parts).map((p) => ({ token: tokens.get(p.key) ?? 'rest', n: p.n }))
      const side = 2 * groupRadius(s.n) + 8
      el.style.width = el.style.height = `${side}px`
      el.style.left = el.style.top = `${-side / 2}px`
      el.append(groupDisc(s.n, parts, shortCount(s.n, model.lang)))
    }
    if (first) this.hoverable(el, first.id, s.kind === 'group' ? s.parts.map((p) => p.key) : null)
    return el
  }

  private single(item: Item, model: Model, at: { x: number; y: number } | null): HTMLElement {
    const el = h('div', {
      class: 'mark mark-single',
      attrs: { role: 'button', tabindex: '-1', 'aria-label': speakItem(item, model), 'data-feature-id': item.id, 'aria-haspopup': 'dialog' },
    }, symbol(item.shape, item.drawing, model.token(item)))
    if (at) {
      el.style.left = `${at.x - 16}px`
      el.style.top = `${at.y - 16}px`
    }
    this.hoverable(el, item.id)
    return el
  }

  private hoverable(el: HTMLElement, id: string, over: string[] | null = null): void {
    el.addEventListener('pointerenter', (e) => e.pointerType === 'mouse' && this.store.set({ hover: id, over }))
    el.addEventListener('pointerleave', () => this.store.set({ hover: null, over: null }))
  }

  /** Hover and selection as classes; a group is lit for any of its members. */
  private light(): void {
    const { hover, selected, group, lit } = this.store.state
    const test = this.model ? litTest(lit, this.model.data, this.model.defs) : null
    this.view.map.getContainer().classList.toggle('has-lit', test !== null)
    for (const { el, shown, marker } of this.kept.values()) {
      const on = (id: string | null) => id !== null && shown.items.some((it) => it.id === id)
      const each = shown.kind === 'group' || el.classList.contains('mark') ? [el] : [...el.querySelectorAll<HTMLElement>('.mark')]
      for (const one of each) {
        const id = one.dataset['featureId']
        const is = (wanted: string | null) => (id === undefined || shown.kind === 'single' ? on(wanted) : wanted === id)
        one.classList.toggle('is-hover', is(hover))
        const sign = id === undefined ? shown : { ...shown, items: shown.items.filter((it) => it.id === id), n: 1 }
        one.classList.toggle('is-lit', test !== null && signLit(lit!, test, sign) !== false)
        one.classList.toggle('is-selected', is(selected) || (group !== null && group === one.dataset['group']))
      }
      marker.setZIndexOffset(on(selected) ? 100_000 : on(hover) ? 50_000 : 0)
    }
  }

  /** Opens a feature; a group of the server at the zoom where it splits, unless it is to be listed or never splits; else its card. */
  private press(el: HTMLElement | null | undefined, list = false): void {
    if (!el) return
    const id = el.dataset['featureId']
    if (id !== undefined) this.store.set({ selected: id, group: null })
    else if (el.dataset['group'] !== undefined) {
      const key = el.dataset['group']
      const sign = this.byKey(key)
      const split = sign && sign.members !== null && !list ? sign.split() : null
      if (sign && split !== null) this.store.set({ group: null, selected: null, flight: flightTo(sign, split, this.store.state.flight.n + 1) })
      else this.store.set({ group: this.store.state.group === key ? null : key, selected: null })
    }
  }

  private keys(e: KeyboardEvent): void {
    if (e.ctrlKey || e.metaKey || e.altKey) return
    const map = this.view.map.getContainer()
    const mark = (e.target as Element).closest<HTMLElement>('.mark')
    if (e.key === 'n' || e.key === 'N' || e.key === 'p' || e.key === 'P') this.step(mark, e.key.toLowerCase() === 'n' ? 1 : -1)
    else if (mark && (e.key === 'Enter' || e.key === ' ')) this.press(mark, e.shiftKey)
    else if (mark && e.key.toLowerCase() === 'l') this.press(mark, true)
    else if (e.key === 'Escape' && (this.store.state.selected !== null || this.store.state.group !== null)) this.store.set({ selected: null, group: null })
    else if (mark && e.key === 'Escape') map.focus()
    else return
    e.preventDefault()
  }

  /** The next or previous symbol in view, by distance from the centre. */
  private step(from: HTMLElement | null, by: 1 | -1): void {
    const free = this.view.free()
    const cx = free.x + free.w / 2
    const cy = free.y + free.h / 2
    const reach = [...this.kept.values()]
      .map((k) => ({ k, p: this.view.map.latLngToContainerPoint([k.shown.lat, k.shown.lon]) }))
      .filter(({ p }) => p.x >= 0 && p.y >= 0 && p.x <= this.view.map.getSize().x && p.y <= this.view.map.getSize().y)
      .sort((a, b) => (a.p.x - cx) ** 2 + (a.p.y - cy) ** 2 - (b.p.x - cx) ** 2 - (b.p.y - cy) ** 2)
    const all = reach.flatMap(({ k }) => (k.el.classList.contains('mark') ? [k.el] : [...k.el.querySelectorAll<HTMLElement>('.mark')]))
    if (all.length === 0) return
    const at = from ? all.indexOf(from) : by > 0 ? -1 : 0
    const next = all[(at + by + all.length) % all.length]!
    next.focus({ preventScroll: true })
    const at2 = [...this.kept.values()].find((k) => k.el === next || k.el.contains(next))
    if (at2) this.view.reveal(at2.shown.lat, at2.shown.lon)
  }

  /** Gives focus back to the symbol of a feature after its card closed. */
  focus(id: string): void {
    const s = this.markOf(id)
    const kept = s && this.kept.get(s.key)
    if (!kept) return
    const el = kept.el.classList.contains('mark') ? kept.el : kept.el.querySelector<HTMLElement>(`[data-feature-id="${CSS.escape(id)}"]`)
    el?.focus({ preventScroll: true })
  }

  /** Gives focus back to a group. */
  focusKey(key: string): void {
    this.kept.get(key)?.el.focus({ preventScroll: true })
  }
}

/** At which a feature that the server keeps is shown with its neighbourhood, at least. */
const SERVED_ZOOM = 11

/** Whether the same marks stand for both, as when only more rows of the list came. */
function alike(a: Model, b: Model): boolean {
  return a.data === b.data && a.result === b.result && a.selected === b.selected && a.lang === b.lang && a.theme === b.theme && a.state.layout === b.state.layout
}

/** The flight that shows a sign at a zoom, in the middle. */
export function flightTo({ box: [w, s, e, n] }: Sign, zoom: number, count: number): Moment['flight'] {
  return { box: null, point: [(w + e) / 2, (s + n) / 2], zoom, n: count }
}

/** Places signs in pixels, on the side of the world that is in view: a stack opens where no other mark is near. */
function arrange(signs: Sign[], zoom: number, middle: number): Shown[] {
  const scale = 2 ** zoom
  const placed = signs.map((sign): Shown => {
    const lon = near(sign.lon, middle)
    const at = project(lon, sign.lat)
    const box: Sign['box'] = [sign.box[0] + lon - sign.lon, sign.box[1], sign.box[2] + lon - sign.lon, sign.box[3]]
    return { ...sign, lon, box, x: at.x * scale, y: at.y * scale, open: false }
  })
  for (const s of placed) {
    if (s.kind !== 'stack' || s.items.length < s.n) continue
    s.open = placed.every((o) => o === s || Math.abs(o.x - s.x) > FAN_ROOM || Math.abs(o.y - s.y + 11) > FAN_ROOM)
  }
  return placed
}
