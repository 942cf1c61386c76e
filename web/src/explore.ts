// Where the chosen part of the map and the time stand in the panel. Their programs are
// loaded when they are first needed.

import { h } from './dom'
import type { MapView } from './mapview'
import type { Model } from './model'
import type { SelectionView } from './selection'
import type { Store } from './state'
import type { Timeline } from './timeline'

export class Explore {
  readonly el = h('section', { class: 'selection', attrs: { hidden: true } })
  readonly time = h('section', { class: 'timeline', attrs: { hidden: true } })
  private selection: SelectionView | null = null
  private timeline: Timeline | null = null
  private readonly coming = new Set<string>()
  private model: Model | null = null

  constructor(private readonly map: MapView, private readonly store: Store, private readonly changed: () => void) {}

  update(m: Model): void {
    this.model = m
    const selects = m.data !== null && m.data.box !== null && (m.state.selecting || m.state.area !== null)
    this.el.hidden = !selects || !this.selection
    this.time.hidden = !m.data?.time || !m.result || !this.timeline
    if (selects && !this.selection) {
      this.load('selection', () => import('./selection').then((it) => { this.selection = new it.SelectionView(this.el, this.map, this.store, this.changed) }))
    }
    if (m.data?.time && !this.timeline) this.load('timeline', () => import('./timeline').then((it) => { this.timeline = new it.Timeline(this.time, this.store) }))
    this.selection?.update(m, selects)
    if (!this.time.hidden) this.timeline?.update(m)
  }

  /** What the reader points at changed. */
  light(m: Model): void {
    this.model = m
    if (!this.el.hidden) this.selection?.light(m)
    if (!this.time.hidden) this.timeline?.light(m)
  }

  private load(name: string, program: () => Promise<void>): void {
    if (this.coming.has(name)) return
    this.coming.add(name)
    void program().finally(() => this.coming.delete(name)).then(() => this.model && this.update(this.model))
  }
}
