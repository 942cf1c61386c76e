// The frame of the workbench: a head with the way back, room beside the map and above
// it. Its views are programs of their own, fetched when they are opened first.

import { h, icon } from './dom'
import type { MapView } from './mapview'
import type { Model } from './model'
import type { MessageKey } from './messages'
import { ReportMenu } from './report'
import type { Store, Work } from './state'

/** What a view gets to fill; all of it is emptied when the view closes. */
export interface Room {
  readonly store: Store
  readonly map: MapView
  /** Controls, after the title. */
  readonly head: HTMLElement
  /** Beside the map; below it on a phone. */
  readonly side: HTMLElement
  /** Above the map; its children take pointers. */
  readonly over: HTMLElement
}

export interface WorkView {
  update(m: Model): void
  /** Stops what it asked for and takes its layers off the map. */
  close(): void
}

const VIEWS: Partial<Record<Work, () => Promise<{ open(room: Room): WorkView }>>> = {
  concentration: () => import('./concentration'),
  compare: () => import('./compare'),
}

const TITLES: Record<Work, MessageKey> = { concentration: 'analysis', compare: 'compareRegions' }

export const hasWork = (work: Work): boolean => VIEWS[work] !== undefined

export class Workbench {
  readonly head = h('header', { class: 'work-head', attrs: { hidden: true } })
  readonly side = h('section', { class: 'work-side', attrs: { hidden: true, 'data-testid': 'work-side' } })
  readonly over = h('div', { class: 'work-over', attrs: { hidden: true } })
  private readonly back = h('button', { class: 'tool work-back', attrs: { type: 'button', 'data-testid': 'work-back' }, on: { click: () => this.leave() } }, icon('back'))
  private readonly title = h('h1', { class: 'work-title', attrs: { tabindex: '-1' } })
  private readonly controls = h('div', { class: 'work-controls' })
  private readonly report = new ReportMenu()
  private shown: Work | null = null
  private view: WorkView | null = null
  private model: Model | null = null

  constructor(private readonly store: Store, private readonly map: MapView, stage: HTMLElement, private readonly resized: () => void) {
    this.head.append(this.back, this.title, this.controls, this.report.el)
    const escape = (e: KeyboardEvent) => {
      if (e.key !== 'Escape' || e.defaultPrevented || this.shown === null || this.store.state.selected !== null) return
      e.preventDefault()
      this.leave()
    }
    for (const el of [this.head, this.side, stage]) el.addEventListener('keydown', escape)
  }

  update(m: Model): void {
    this.model = m
    const work = m.state.work !== null && hasWork(m.state.work) ? m.state.work : null
    if (work !== this.shown) this.show(work)
    if (work === null) return
    this.title.textContent = m.t(TITLES[work])
    this.side.setAttribute('aria-label', m.t(TITLES[work]))
    this.back.setAttribute('aria-label', m.t('backToMap'))
    this.back.title = m.t('backToMap')
    this.report.update(m)
    this.view?.update(m)
  }

  private show(work: Work | null): void {
    const before = this.shown
    this.shown = work
    this.view?.close()
    this.view = null
    for (const el of [this.controls, this.side, this.over]) el.replaceChildren()
    for (const el of [this.head, this.side, this.over]) el.hidden = work === null
    if (work === null) delete document.body.dataset['work']
    else document.body.dataset['work'] = work
    setTimeout(() => {
      this.resized()
      if (work !== null) this.title.focus({ preventScroll: true })
      else document.querySelector<HTMLElement>(`.tools [data-testid=${before}]`)?.focus()
    })
    if (work !== null) void this.fetch(work)
  }

  private async fetch(work: Work): Promise<void> {
    const { open } = await VIEWS[work]!()
    if (this.shown !== work || this.view) return
    this.view = open({ store: this.store, map: this.map, head: this.controls, side: this.side, over: this.over })
    if (this.model) this.view.update(this.model)
  }

  private leave(): void {
    this.store.set({ work: null, about: {} })
  }
}
