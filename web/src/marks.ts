// The symbols on the map: one Leaflet marker for each single, stack or group in
// view, kept while its content stays, so that focus and hover survive a redraw.

import L from 'leaflet'
import { h } from './dom'
import type { Item } from './dataset'
import { groupRadius, markUp, project, ringParts, splitZoom, type Mark, type Point } from './groups'
import { speakGroup, speakItem } from './naming'
import { plainNumber } from './format'
import type { MapView } from './mapview'
import { MAX_ZOOM } from './mapview'
import type { Model } from './model'
import type { Key, Store } from './state'
import { fanOffset, fanStems, groupDisc, symbol } from './symbols'

export interface Spot extends Point {
  item: Item
}

export interface Shown {
  mark: Mark<Spot>
  /** Pixels of the world at the zoom in force. */
  x: number
  y: number
  /** A stack whose symbols are fanned out, not closed under a badge. */
  open: boolean
  lat: number
  lon: number
}

interface Kept {
  marker: L.Marker
  el: HTMLElement
  look: string
  shown: Shown
}

/** Room that a fan needs around its seat, in pixels. */
const FAN_ROOM = 44

export class Marks {
  private readonly kept = new Map<string, Kept>()
  private spots: Spot[] = []
  private current: Shown[] = []
  private inView: Shown[] = []
  private model: Model | null = null
  private zoom = NaN

  constructor(private readonly view: MapView, private readonly store: Store, private readonly drawn: (shown: Shown[]) => void) {
    view.map.createPane('marks').classList.add('marks-pane')
    view.map.on('zoomend moveend', () => this.draw())
    view.map.getContainer().addEventListener('keydown', (e) => this.keys(e))
    for (const type of ['focusin', 'focusout']) view.map.getContainer().addEventListener(type, () => this.drawn(this.inView))
    view.map.on('click', () => this.store.set({ group: null }))
  }

  update(model: Model, changed: Set<Key> | null): void {
    const before = this.model
    this.model = model
    if (!before || before.result !== model.result) {
      this.spots = (model.result?.visible ?? []).filter((it) => it.lon !== null).map((item) => ({ id: item.id, item, ...project(item.lon!, item.lat!) }))
      this.zoom = NaN
    }
    if (changed && [...changed].every((k) => k === 'view')) return
    if (changed && [...changed].every((k) => k === 'hover' || k === 'view')) {
      this.light()
      return
    }
    this.draw()
  }

  /** The mark that holds an item at the zoom in force, if it is drawn or could be. */
  markOf(id: string): Shown | undefined {
    return this.current.find((s) => s.mark.members.some((m) => m.id === id))
  }

  byKey(key: string): Shown | undefined {
    return this.current.find((s) => s.mark.key === key)
  }

  /** The zoom at which an item has a symbol of its own or in a stack. */
  soloZoom(id: string, from: number): number {
    for (let z = Math.ceil(from * 2) / 2; z < MAX_ZOOM; z += 0.5) {
      const mark = markUp(this.spots, z, this.gap()).find((m) => m.members.some((p) => p.id === id))
      if (!mark || mark.kind !== 'group') return z
    }
    return MAX_ZOOM
  }

  splitOf(shown: Shown): number | null {
    return splitZoom(shown.mark.members, this.view.map.getZoom(), MAX_ZOOM)
  }

  /** Pixels between marks: a few stand close, many need air. */
  private gap(): number {
    return this.spots.length <= 200 ? 3 : 10
  }

  private draw(): void {
    const model = this.model
    if (!model) return
    const zoom = this.view.map.getZoom()
    this.view.map.getContainer().classList.toggle('is-near', zoom >= 8)
    if (zoom !== this.zoom) {
      this.zoom = zoom
      this.current = arrange(markUp(this.spots, zoom, this.gap()), zoom)
    }
    const bounds = this.view.map.getBounds().pad(0.25)
    const wanted = this.current.filter((s) => bounds.contains([s.lat, s.lon]))
    const keys = new Set(wanted.map((s) => s.mark.key))
    const focused = document.activeElement?.closest<HTMLElement>('.mark')
    for (const [key, k] of this.kept) {
      if (keys.has(key)) continue
      if (focused && k.el.contains(focused)) this.view.map.getContainer().focus({ preventScroll: true })
      k.marker.remove()
      this.kept.delete(key)
    }
    for (const s of wanted) this.show(s, model)
    this.light()
    this.inView = wanted
    this.drawn(wanted)
  }

  private show(s: Shown, model: Model): void {
    const look = `${model.lang} ${s.open} ${model.data?.id} ${s.lat} ${s.lon}`
    const old = this.kept.get(s.mark.key)
    if (old && old.look === look) {
      old.shown = s
      return
    }
    old?.marker.remove()
    const el = this.element(s, model)
    const marker = L.marker([s.lat, s.lon], {
      pane: 'marks', keyboard: false, interactive: true, bubblingMouseEvents: false, riseOnHover: false,
      icon: L.divIcon({ html: el, className: 'mark-icon', iconSize: [0, 0] }),
    })
    marker.on('click', (e) => this.press((e.originalEvent.target as Element).closest<HTMLElement>('.mark')))
    marker.addTo(this.view.map)
    this.kept.set(s.mark.key, { marker, el, look, shown: s })
  }

  private element(s: Shown, model: Model): HTMLElement {
    const { mark } = s
    if (mark.kind === 'single') return this.single(mark.members[0]!.item, model, null)
    if (mark.kind === 'stack' && s.open) {
      const fan = h('div', { class: 'fan-box' }, fanStems(mark.members.length))
      mark.members.forEach((m, i) => {
        const el = this.single(m.item, model, fanOffset(i, mark.members.length))
        fan.append(el)
      })
      return fan
    }
    const spoken = speakGroup(mark.members.map((m) => m.item), mark.anchor.item, model)
    const el = h('div', { class: 'mark mark-group', attrs: { role: 'button', tabindex: '-1', 'aria-label': spoken, 'data-group': mark.key, 'aria-haspopup': 'dialog' } })
    if (mark.kind === 'stack') {
      const first = mark.members[0]!.item
      el.classList.add('mark-closed')
      el.append(symbol(first.shape, first.drawing, model.token(first)), h('span', { class: 'badge', text: String(mark.members.length) }))
    } else {
      const tokens = new Map(model.data!.palette.map((o) => [o.key, o.token ?? 'rest']))
      const parts = ringParts(mark.members.map((m) => m.item.color)).map((p) => ({ token: tokens.get(p.key) ?? 'rest', n: p.n }))
      const side = 2 * groupRadius(mark.members.length) + 8
      el.style.width = el.style.height = `${side}px`
      el.style.left = el.style.top = `${-side / 2}px`
      el.append(groupDisc(mark.members.length, parts, plainNumber(mark.members.length)))
    }
    this.hoverable(el, mark.members[0]!.id)
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

  private hoverable(el: HTMLElement, id: string): void {
    el.addEventListener('pointerenter', (e) => e.pointerType === 'mouse' && this.store.set({ hover: id }))
    el.addEventListener('pointerleave', () => this.store.set({ hover: null }))
  }

  /** Hover and selection as classes; a group is lit for any of its members. */
  private light(): void {
    const { hover, selected, group } = this.store.state
    for (const { el, shown, marker } of this.kept.values()) {
      const members = shown.mark.members
      const on = (id: string | null) => id !== null && members.some((m) => m.id === id)
      const each = shown.mark.kind === 'group' || el.classList.contains('mark') ? [el] : [...el.querySelectorAll<HTMLElement>('.mark')]
      for (const one of each) {
        const id = one.dataset['featureId']
        const is = (wanted: string | null) => (id === undefined || shown.mark.kind === 'single' ? on(wanted) : wanted === id)
        one.classList.toggle('is-hover', is(hover))
        one.classList.toggle('is-selected', is(selected) || (group !== null && group === one.dataset['group']))
      }
      marker.setZIndexOffset(on(selected) ? 100_000 : on(hover) ? 50_000 : 0)
    }
  }

  private press(el: HTMLElement | null | undefined): void {
    if (!el) return
    const id = el.dataset['featureId']
    if (id !== undefined) this.store.set({ selected: id, group: null })
    else if (el.dataset['group'] !== undefined) {
      const key = el.dataset['group']
      this.store.set({ group: this.store.state.group === key ? null : key, selected: null })
    }
  }

  private keys(e: KeyboardEvent): void {
    if (e.ctrlKey || e.metaKey || e.altKey) return
    const map = this.view.map.getContainer()
    const mark = (e.target as Element).closest<HTMLElement>('.mark')
    if (e.key === 'n' || e.key === 'N' || e.key === 'p' || e.key === 'P') this.step(mark, e.key.toLowerCase() === 'n' ? 1 : -1)
    else if (mark && (e.key === 'Enter' || e.key === ' ')) this.press(mark)
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

  /** Gives focus back to a symbol after its card closed. */
  focus(id: string): void {
    const s = this.markOf(id)
    const kept = s && this.kept.get(s.mark.key)
    if (!kept) return
    const el = kept.el.classList.contains('mark') ? kept.el : kept.el.querySelector<HTMLElement>(`[data-feature-id="${CSS.escape(id)}"]`)
    el?.focus({ preventScroll: true })
  }
}

/** Turns marks into shown marks: a stack opens where no other mark is near. */
function arrange(marks: Mark<Spot>[], zoom: number): Shown[] {
  const scale = 2 ** zoom
  const placed = marks.map((mark) => ({
    mark, x: mark.anchor.x * scale, y: mark.anchor.y * scale, open: false, lat: mark.anchor.item.lat!, lon: mark.anchor.item.lon!,
  }))
  for (const s of placed) {
    if (s.mark.kind !== 'stack') continue
    s.open = placed.every((o) => o === s || Math.abs(o.x - s.x) > FAN_ROOM || Math.abs(o.y - s.y + 11) > FAN_ROOM)
  }
  return placed
}

