// What a group or a closed stack holds: its families, the way to the zoom at
// which it splits, and its members, each to be opened.

import type { Item } from './dataset'
import { h, icon, replace, setVar } from './dom'
import { plainNumber } from './format'
import type { Shown } from './marks'
import type { Model } from './model'
import { groupName, speakMark } from './naming'
import type { Store } from './state'
import { swatch, symbol } from './symbols'

/** Up to this many members are listed at once. */
const LISTED = 8

interface Host {
  shown(key: string): Shown | undefined
  split(shown: Shown): number | null
  open(item: Item): void
  focus(id: string): void
  /** Where a mark stands in the stage, in pixels. */
  point(shown: Shown): { x: number; y: number }
  /** The size of the stage; null where the card has its own place at the bottom. */
  room(): { w: number; h: number } | null
}

const MARGIN = 16
const BESIDE = 34

export class GroupCard {
  readonly el = h('section', { class: 'card group-card', attrs: { role: 'dialog', 'aria-labelledby': 'group-title', tabindex: '-1' } })
  private key: string | null = null
  private listed = false

  constructor(private readonly store: Store, private readonly host: Host) {
    this.el.hidden = true
    this.el.addEventListener('keydown', (e) => {
      if (e.key !== 'Escape') return
      e.stopPropagation()
      this.close()
    })
  }

  update(m: Model): void {
    const shown = m.state.group !== null ? this.host.shown(m.state.group) : undefined
    this.el.hidden = shown === undefined
    if (!shown) {
      this.key = null
      return
    }
    const opened = this.key !== shown.mark.key
    this.key = shown.mark.key
    if (opened) this.listed = shown.mark.members.length <= LISTED
    replace(this.el, ...this.parts(m, shown))
    this.place()
    if (opened) this.el.focus({ preventScroll: true })
  }

  /** Puts the card beside its mark, on the side with more room, inside the stage. */
  place(): void {
    const shown = this.key !== null ? this.host.shown(this.key) : undefined
    const room = this.host.room()
    const { style } = this.el
    if (!shown || !room) {
      style.left = style.top = style.right = ''
      return
    }
    const at = this.host.point(shown)
    const w = this.el.offsetWidth
    const h = this.el.offsetHeight
    const right = at.x + BESIDE + w + MARGIN <= room.w
    const x = right ? at.x + BESIDE : at.x - BESIDE - w
    style.right = 'auto'
    style.left = `${Math.max(MARGIN, Math.min(x, room.w - w - MARGIN))}px`
    style.top = `${Math.max(MARGIN, Math.min(at.y - h / 2, room.h - h - 44))}px`
  }

  private parts(m: Model, shown: Shown): (HTMLElement | null)[] {
    const items = shown.mark.members.map((s) => s.item)
    const n = items.length
    const split = this.host.split(shown)
    return [
      h('button', { class: 'tool card-close', attrs: { type: 'button', 'aria-label': m.t('close'), title: m.t('close'), 'data-focus': 'close' }, on: { click: () => this.close() } }, icon('close')),
      h('h2', { class: 'group-title', attrs: { id: 'group-title' } },
        h('b', { text: plainNumber(n) }), ' ', h('span', { text: m.t(m.data!.isAtlas ? 'groupCount' : 'groupCountOther', { n }) }),
        h('span', { class: 'group-place', text: groupName(items, shown.mark.anchor.item, m.lang) })),
      m.data!.schema.category ? families(m, items) : null,
      this.listed ? this.members(m, items) : null,
      h('div', { class: 'card-foot' },
        split !== null
          ? h('button', { class: 'link', text: m.t('groupZoom'), attrs: { type: 'button', 'data-focus': 'zoom', 'data-testid': 'group-zoom' }, on: { click: () => this.zoom(shown, split) } })
          : h('span', { class: 'hint', text: m.t('groupSamePlace') }),
        this.listed ? null : h('button', {
          class: 'link', text: m.t('groupList'), attrs: { type: 'button', 'data-focus': 'members', 'data-testid': 'group-list' },
          on: { click: () => { this.listed = true; this.update(m) } },
        })),
    ]
  }

  private members(m: Model, items: Item[]): HTMLElement {
    const order = m.sorted.filter((it) => items.includes(it)).slice(0, 200)
    return h('ul', { class: 'members', attrs: { role: 'list' } }, ...order.map((item) => h('li', {}, h('button', {
      class: 'member', attrs: { type: 'button', 'data-feature-id': item.id, 'data-focus': `member ${item.id}` },
      on: { click: () => this.host.open(item), pointerenter: () => this.store.set({ hover: item.id }), pointerleave: () => this.store.set({ hover: null }) },
    }, symbol(item.shape, item.drawing, m.token(item)), h('span', { text: m.of(item.name) }), h('span', { class: 'sr', text: speakMark(item, m) })))))
  }

  private zoom(shown: Shown, zoom: number): void {
    const lons = shown.mark.members.map((s) => s.item.lon!)
    const lats = shown.mark.members.map((s) => s.item.lat!)
    const point: [number, number] = [(Math.min(...lons) + Math.max(...lons)) / 2, (Math.min(...lats) + Math.max(...lats)) / 2]
    this.store.set({ group: null, flight: { box: null, point, zoom, n: this.store.state.flight.n + 1 } })
  }

  private close(): void {
    const shown = this.key !== null ? this.host.shown(this.key) : undefined
    this.store.set({ group: null })
    if (shown) this.host.focus(shown.mark.members[0]!.id)
  }
}

function families(m: Model, items: Item[]): HTMLElement {
  const parts = m.data!.palette
    .map((option) => ({ option, n: items.filter((it) => it.color === option.key).length }))
    .filter((p) => p.n > 0)
    .sort((a, b) => b.n - a.n)
  const most = parts[0]?.n ?? 1
  const shown = parts.slice(0, 4)
  const rest = parts.slice(4)
  const row = (p: (typeof parts)[number]) => {
    const bar = setVar(h('span', { class: 'mini-bar' }), '--c', `var(--fam-${p.option.token ?? 'rest'})`)
    bar.style.width = `${(p.n / most) * 100}%`
    return h('li', { class: 'mini' }, swatch(p.option.token), h('span', { class: 'mini-name', text: m.of(p.option.title) }),
      h('span', { class: 'mini-track', attrs: { 'aria-hidden': 'true' } }, bar), h('span', { class: 'mini-count', text: plainNumber(p.n) }))
  }
  return h('ul', { class: 'minis', attrs: { role: 'list' } }, ...shown.map(row),
    rest.length > 0 ? h('li', { class: 'mini mini-rest' }, h('span', { class: 'mini-name', text: m.t('groupRest', { n: rest.length }) }), h('span', { class: 'mini-count', text: plainNumber(rest.reduce((s, p) => s + p.n, 0)) })) : null)
}
