// What a group or a closed stack holds: its families, the way to the zoom at
// which it splits, and its members, each to be opened.

import type { Item } from './dataset'
import { h, icon, replace, setVar } from './dom'
import { plainNumber } from './format'
import { countParts } from './groups'
import { flightTo } from './marks'
import type { Model } from './model'
import { speakMark } from './naming'
import type { Sign } from './signs'
import type { Store } from './state'
import { swatch, symbol } from './symbols'

/** Up to this many members are listed at once. */
const LISTED = 8
/** The most members that are listed of a group whose members are at hand. */
const MOST = 200

/** Members that the server lists, as far as they are here. */
export interface Members {
  items: Item[]
  matched: number
  next: string | null
}

interface Host {
  shown(key: string): Sign | undefined
  open(item: Item): void
  focus(key: string): void
  /** Members from the address of a list, or of its next page. */
  members(url: string, signal: AbortSignal): Promise<Members>
  failed(err: unknown): void
  /** Where a mark stands in the stage, in pixels. */
  point(shown: Sign): { x: number; y: number }
  /** The size of the stage; null where the card has its own place at the bottom. */
  room(): { w: number; h: number } | null
}

const MARGIN = 16
const BESIDE = 34

export class GroupCard {
  readonly el = h('section', { class: 'card group-card', attrs: { role: 'dialog', 'aria-labelledby': 'group-title', tabindex: '-1' } })
  private key: string | null = null
  private listed = false
  private fetched: Members | null = null
  private run: AbortController | null = null
  private model: Model | null = null

  constructor(private readonly store: Store, private readonly host: Host) {
    this.el.hidden = true
    this.el.addEventListener('keydown', (e) => {
      if (e.key !== 'Escape') return
      e.stopPropagation()
      this.close()
    })
  }

  update(m: Model): void {
    this.model = m
    const shown = m.state.group !== null ? this.host.shown(m.state.group) : undefined
    this.el.hidden = shown === undefined
    const opened = shown !== undefined && this.key !== shown.key
    if (opened || !shown) this.stop()
    this.key = shown?.key ?? null
    if (!shown) return
    if (opened) {
      this.fetched = null
      this.listed = shown.n <= LISTED || (shown.kind !== 'area' && shown.split() === null)
      if (this.listed && shown.members !== null) this.fetch(shown.members)
    }
    replace(this.el, ...this.parts(m, shown))
    this.place()
    if (opened) this.el.focus({ preventScroll: true })
  }

  /** Puts the card beside its mark, on the side with more room, inside the stage. */
  place(): void {
    if (this.key === null) return // nothing is measured while the map moves
    const shown = this.host.shown(this.key)
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

  private parts(m: Model, shown: Sign): (HTMLElement | null)[] {
    const { n } = shown
    const split = shown.split()
    const place = m.of(shown.place)
    return [
      h('button', { class: 'tool card-close', attrs: { type: 'button', 'aria-label': m.t('close'), title: m.t('close'), 'data-focus': 'close' }, on: { click: () => this.close() } }, icon('close')),
      h('h2', { class: 'group-title', attrs: { id: 'group-title' } },
        h('b', { text: plainNumber(n) }), ' ', h('span', { text: m.t(m.data!.isAtlas ? 'groupCount' : 'groupCountOther', { n }) }),
        place ? h('span', { class: 'group-place', text: place }) : null),
      m.data!.schema.category && shown.parts.length > 0 ? families(m, shown) : null,
      this.listed ? this.members(m, shown) : null,
      h('div', { class: 'card-foot' },
        shown.kind === 'area' ? h('button', {
          class: 'link', text: m.t('areaZoom'), attrs: { type: 'button', 'data-focus': 'zoom', 'data-testid': 'group-zoom' },
          on: { click: () => this.store.set({ group: null, flight: { box: shown.box, point: null, zoom: null, n: this.store.state.flight.n + 1 } }) },
        }) : split !== null
          ? h('button', { class: 'link', text: m.t('groupZoom'), attrs: { type: 'button', 'data-focus': 'zoom', 'data-testid': 'group-zoom' }, on: { click: () => this.zoom(shown, split) } })
          : h('span', { class: 'hint', text: m.t('groupSamePlace') }),
        this.listed ? null : h('button', {
          class: 'link', text: m.t('groupList'), attrs: { type: 'button', 'data-focus': 'members', 'data-testid': 'group-list' },
          on: { click: () => this.list(m, shown) },
        })),
    ]
  }

  private list(m: Model, shown: Sign): void {
    this.listed = true
    if (shown.members !== null) this.fetch(shown.members)
    this.update(m)
  }

  private members(m: Model, shown: Sign): HTMLElement {
    const here = new Set(shown.items)
    const order = shown.members === null ? m.sorted.filter((it) => here.has(it)).slice(0, MOST) : (this.fetched?.items ?? [])
    const next = this.fetched?.next
    return h('ul', { class: 'members', attrs: { role: 'list', 'aria-busy': String(this.run !== null), tabindex: '-1' } }, ...order.map((item) => h('li', {}, h('button', {
      class: 'member', attrs: { type: 'button', 'data-feature-id': item.id, 'data-focus': `member ${item.id}` },
      on: { click: () => this.host.open(item), pointerenter: () => this.store.set({ hover: item.id }), pointerleave: () => this.store.set({ hover: null }) },
    }, symbol(item.shape, item.drawing, m.token(item)), h('span', { text: m.of(item.name) }), h('span', { class: 'sr', text: speakMark(item, m) })))),
    next ? h('li', {}, h('button', {
      class: 'button list-more', text: m.t('listMore', { shown: plainNumber(order.length), all: plainNumber(this.fetched!.matched) }),
      attrs: { type: 'button', 'data-focus': 'members more', 'data-testid': 'members-more' }, on: { click: () => this.fetch(next) },
    })) : null)
  }

  /** Asks for members, until another group is opened or none. */
  private fetch(url: string): void {
    if (this.run) return
    const run = (this.run = new AbortController())
    const ended = () => {
      if (this.run !== run) return false
      this.run = null
      return true
    }
    this.host.members(url, run.signal).then((page) => {
      if (!ended()) return
      this.fetched = { ...page, items: [...(this.fetched?.items ?? []), ...page.items] }
      this.again()
    }, (err: unknown) => {
      if (!ended()) return
      this.host.failed(err)
      this.again()
    })
  }

  private stop(): void {
    this.run?.abort()
    this.run = null
  }

  private again(): void {
    const scroll = this.el.querySelector('.members')?.scrollTop ?? 0
    if (this.model) this.update(this.model)
    this.el.querySelector('.members')?.scrollTo(0, scroll)
  }

  private zoom(shown: Sign, zoom: number): void {
    this.store.set({ group: null, flight: flightTo(shown, zoom, this.store.state.flight.n + 1) })
  }

  private close(): void {
    const { key } = this
    this.store.set({ group: null })
    if (key !== null) this.host.focus(key)
  }
}

function families(m: Model, sign: Sign): HTMLElement {
  const titles = new Map(m.data!.palette.map((o) => [o.key, o]))
  const parts = countParts(sign.parts).flatMap((p) => {
    const option = titles.get(p.key)
    return option ? [{ option, n: p.n }] : []
  })
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
