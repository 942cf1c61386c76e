// Wide, middle or phone; the drawer, the sheet with its three stops, and how much
// of the map card and sheet cover.

import { h, icon, replace, setAttrs } from './dom'
import { layoutOf, type Insets } from './fit'
import type { Model } from './model'
import { plainNumber } from './format'
import { placesText, totalText } from './naming'
import type { Snap, Store, Tab } from './state'

const STOPS: Snap[] = ['low', 'half', 'full']

export class Layout {
  readonly side = h('div', { class: 'side' })
  readonly panel = h('aside', { class: 'panel' })
  readonly body = h('div', { class: 'panel-body' })
  readonly stage = h('main', { class: 'stage' })
  readonly mapRoot = h('div', { class: 'map', attrs: { id: 'map' } })
  private readonly scrim = h('div', { class: 'scrim' })
  private readonly sheetHead = h('div', { class: 'sheet-head' })
  private readonly foot = h('div', { class: 'panel-foot' })
  private readonly skeleton = h('div', { class: 'skeleton', attrs: { 'aria-hidden': 'true' } }, ...Array.from({ length: 9 }, () => h('span')))
  private readonly total = h('p', { class: 'total', attrs: { role: 'status', 'aria-live': 'polite', 'data-testid': 'total' } })
  private readonly part = h('p', { class: 'hint' })
  private readonly toggleText = h('span')
  private readonly toggle = h('button', {
    class: 'button foot-list', attrs: { type: 'button', 'data-testid': 'list-toggle' },
    on: { click: () => this.store.set({ tab: this.store.state.tab === 'list' ? 'regions' : 'list' }) },
  }, icon('list'), this.toggleText)
  private handle: HTMLElement | null = null
  private opened = false
  private bare = false

  constructor(private readonly store: Store, private readonly header: HTMLElement, private readonly changed: () => void) {
    this.body.append(this.skeleton)
    this.foot.append(h('div', {}, this.total, this.part), this.toggle)
    this.panel.append(this.sheetHead, this.body, this.foot)
    this.side.append(header, this.panel)
    this.scrim.addEventListener('click', () => this.store.set({ drawer: false }))
    this.stage.append(this.mapRoot)
    addEventListener('resize', () => this.measure())
    new ResizeObserver(() => document.body.style.setProperty('--top-h', `${header.offsetHeight}px`)).observe(header)
    this.side.addEventListener('keydown', (e) => {
      if (e.key === 'Escape' && this.store.state.layout === 'middle' && this.store.state.drawer) this.store.set({ drawer: false })
    })
  }

  mount(app: HTMLElement): void {
    app.append(this.side, this.scrim, this.stage)
    this.measure()
  }

  /** Leaves the map alone: in the page of another, and while it is presented. */
  setBare(bare: boolean): void {
    if (bare === this.bare) return
    this.bare = bare
    document.body.classList.toggle('is-bare', bare)
    if (this.stage.isConnected) this.measure()
  }

  update(m: Model): void {
    const { tab, drawer, snap } = m.state
    setAttrs(this.panel, { 'aria-label': m.t('panel') })
    document.body.dataset['tab'] = tab
    document.body.dataset['snap'] = snap
    document.body.classList.toggle('has-drawer', drawer && this.store.state.layout === 'middle')
    document.body.classList.toggle('has-card', m.selected !== null)
    document.body.classList.toggle('has-group', m.state.group !== null)
    this.skeleton.hidden = m.data !== null || !m.status.loading?.shown
    this.side.inert = m.state.work !== null || (this.store.state.layout === 'middle' && !drawer)
    this.drawHead(m)
    this.drawFoot(m)
    this.moveFocus(drawer && this.store.state.layout === 'middle')
  }

  /** The drawer takes focus when it opens and gives it back when it closes. */
  private moveFocus(open: boolean): void {
    if (open === this.opened) return
    this.opened = open
    if (open && !this.side.contains(document.activeElement)) this.sheetHead.querySelector<HTMLElement>('button')?.focus()
    else if (!open && this.store.state.layout === 'middle' && (document.activeElement === document.body || this.side.contains(document.activeElement))) document.querySelector<HTMLElement>('.open-panel')?.focus()
  }

  /** What of the map's container is covered, in pixels. */
  insets(): Insets {
    const none = { top: 0, right: 0, bottom: 0, left: 0 }
    if (this.store.state.work) return { ...none, top: 56, bottom: 28 }
    const card = document.querySelector<HTMLElement>('.card:not([hidden])') ?? document.querySelector<HTMLElement>('.table-panel:not([hidden])')
    if (this.store.state.layout !== 'phone') {
      const right = card && !card.classList.contains('group-card') ? card.offsetWidth + 32 : 0
      return { ...none, top: this.stage.clientWidth < 760 ? 44 : 16, right, bottom: 28 }
    }
    const top = this.header.getBoundingClientRect().bottom + 4
    const cover = card ?? this.panel
    const height = Math.max(0, innerHeight - cover.getBoundingClientRect().top)
    return { ...none, top, bottom: Math.min(height + 26, innerHeight * 0.64) }
  }

  /** What stands on the map besides the sheet, in pixels of the stage. */
  covers(): { x: number; y: number; w: number; h: number }[] {
    const stage = this.stage.getBoundingClientRect()
    const above = this.store.state.layout === 'phone' ? this.header.querySelectorAll('.layer, .search, .chips, .active') : []
    return [...this.stage.querySelectorAll('.tool-group, .open-panel, .zoom-box, .scale, .scale-text, .credit, .card, .table-panel, .presenter-title, .presenter-legend, .embed-link, .work-over > *'), ...above].filter((el) => el.checkVisibility()).map((el) => {
      const r = el.getBoundingClientRect()
      return { x: r.x - stage.x - 4, y: r.y - stage.y - 4, w: r.width + 8, h: r.height + 8 }
    })
  }

  /** The size of the stage where cards float beside their symbol; null where they stand at the bottom. */
  room(): { w: number; h: number } | null {
    return this.store.state.layout === 'phone' ? null : { w: this.stage.clientWidth, h: this.stage.clientHeight }
  }

  private measure(): void {
    const name = this.bare ? 'middle' : layoutOf(innerWidth, innerHeight)
    document.body.dataset['layout'] = name
    this.store.set({ layout: name })
    this.changed()
  }

  private drawHead(m: Model): void {
    if (this.store.state.layout !== 'phone') {
      this.handle = null
      replace(this.sheetHead, this.store.state.layout === 'middle' ? h('button', { class: 'tool drawer-close', attrs: { type: 'button', 'aria-label': m.t('closePanel'), title: m.t('closePanel'), 'data-focus': 'drawer close' }, on: { click: () => this.store.set({ drawer: false }) } }, icon('close')) : null)
      return
    }
    const tab = (key: Tab, label: string) => h('button', {
      class: 'tab', text: label, attrs: { type: 'button', role: 'tab', id: `tab-${key}`, 'aria-selected': String(m.state.tab === key), 'aria-controls': 'panel-body', tabindex: m.state.tab === key ? '0' : '-1', 'data-focus': `tab ${key}`, 'data-tab': key },
      on: { click: () => this.store.set({ tab: key, snap: m.state.snap === 'low' ? 'half' : m.state.snap, facet: null }), keydown: (e) => this.walk(e, m) },
    })
    this.body.id = 'panel-body'
    const n = plainNumber(m.listed)
    const stop = (by: 1 | -1) => STOPS[STOPS.indexOf(m.state.snap) + by]
    const move = (by: 1 | -1, key: 'sheetRaise' | 'sheetLower', sign: 'up' | 'down') => h('button', {
      class: 'tool', attrs: { type: 'button', 'aria-label': m.t(key), title: m.t(key), disabled: stop(by) === undefined, 'data-focus': key, 'data-sheet': sign },
      on: { click: () => { const to = stop(by); if (to) this.store.set({ snap: to }) } },
    }, icon(sign))
    if (!this.handle) {
      this.handle = h('div', { class: 'handle', attrs: { 'aria-hidden': 'true' } })
      this.drag(this.handle)
    }
    replace(this.sheetHead, this.handle,
      h('div', { class: 'tabs' },
        h('div', { class: 'tab-list', attrs: { role: 'tablist', 'aria-label': m.t('panel') } },
          tab('regions', m.shownRegions.length > 0 || !m.data ? m.t('regionsTab') : m.t('overviewTab')), tab('list', m.data ? m.t('listTab', { n }) : m.t('list')), tab('legend', m.t('legend'))),
        h('div', { class: 'sheet-moves' }, move(-1, 'sheetLower', 'down'), move(1, 'sheetRaise', 'up'))))
  }

  private walk(e: KeyboardEvent, m: Model): void {
    const tabs: Tab[] = ['regions', 'list', 'legend']
    const by = e.key === 'ArrowRight' ? 1 : e.key === 'ArrowLeft' ? -1 : 0
    if (by === 0) return
    e.preventDefault()
    const next = tabs[(tabs.indexOf(m.state.tab) + by + 3) % 3]!
    this.store.set({ tab: next })
    this.sheetHead.querySelector<HTMLElement>(`[data-tab="${next}"]`)?.focus()
  }

  private drawFoot(m: Model): void {
    const text = totalText(m)
    if (this.total.textContent !== text) this.total.textContent = text
    const notes = m.data ? placesText(m) : ''
    if (this.part.textContent !== notes) this.part.textContent = notes
    this.toggle.hidden = m.data === null
    setAttrs(this.toggle, { 'aria-pressed': String(m.state.tab === 'list') })
    this.toggleText.textContent = m.t('list')
  }

  /** Drags the sheet by its handle and leaves it at the nearest stop. */
  private drag(handle: HTMLElement): void {
    handle.addEventListener('pointerdown', (down) => {
      handle.setPointerCapture(down.pointerId)
      const start = this.panel.getBoundingClientRect().height
      const move = (e: PointerEvent) => {
        this.panel.classList.add('is-dragged')
        this.panel.style.height = `${Math.max(72, Math.min(innerHeight - 72, start + down.clientY - e.clientY))}px`
      }
      const up = () => {
        handle.removeEventListener('pointermove', move)
        const height = this.panel.getBoundingClientRect().height / innerHeight
        this.panel.classList.remove('is-dragged')
        this.panel.style.height = ''
        this.store.set({ snap: height < 0.22 ? 'low' : height < 0.62 ? 'half' : 'full' })
      }
      handle.addEventListener('pointermove', move)
      handle.addEventListener('pointerup', up, { once: true })
      handle.addEventListener('pointercancel', up, { once: true })
    })
  }
}
