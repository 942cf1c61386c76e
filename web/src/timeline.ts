// The time of the collection: how many features each span has under all other filters, and
// two handles that choose from when to when. A drag over the bars does the same.

import './explore.css'
import { h, replace, setAttrs, svg } from './dom'
import { rangeOf } from './filter'
import { plainNumber } from './format'
import { hovered, type Model } from './model'
import type { Store } from './state'
import { limitsOf, spansOf, timeOf, type TimeFacet } from './time'

const WIDTH = 300
const HEIGHT = 64

export class Timeline {
  private readonly head = h('div', { class: 'timeline-head' })
  private readonly bars = svg('svg', { class: 'timeline-bars', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' })
  private readonly ends = h('div', { class: 'timeline-ends', attrs: { 'aria-hidden': 'true' } })
  private readonly handles = (['from', 'to'] as const).map((end) => h('input', {
    class: `timeline-handle is-${end}`, attrs: { type: 'range', min: 0, step: 1, 'data-time': end },
    on: { input: () => this.moved(end) },
  }))
  private readonly chart = h('div', { class: 'timeline-chart', attrs: { 'data-testid': 'timeline' } }, this.bars, ...this.handles)
  private readonly table = h('details', { class: 'fold timeline-table' })
  private model: Model | null = null
  private from: number | null = null

  constructor(private readonly el: HTMLElement, private readonly store: Store) {
    el.append(this.head, this.chart, this.ends, this.table)
    this.bars.addEventListener('pointerdown', (e) => this.down(e as PointerEvent))
    this.bars.addEventListener('pointermove', (e) => this.over(e as PointerEvent))
    this.bars.addEventListener('pointerleave', () => this.store.set({ lit: null }))
    this.table.addEventListener('toggle', () => this.model && this.drawTable(this.model))
  }

  update(m: Model): void {
    this.model = m
    const time = m.data!.time!
    const title = m.of(time.field.title)
    const [first, last] = this.chosen(time)
    const limited = rangeOf(m.state.ranges, time.key) !== undefined
    setAttrs(this.el, { 'aria-label': title })
    replace(this.head, h('h2', { class: 'head', text: title }),
      h('span', { class: 'timeline-now', text: limited ? spanLabel(time, first, last) : m.t('timeAll'), attrs: { 'data-testid': 'time-now' } }),
      limited ? h('button', { class: 'link', text: m.t('timeClear'), attrs: { type: 'button', 'data-focus': 'time clear' }, on: { click: () => this.store.drop(time.key) } }) : null)
    this.drawBars(m, time, first, last)
    this.handles.forEach((handle, i) => {
      const at = i === 0 ? first : last
      setAttrs(handle, { max: time.bins.length - 1, 'aria-label': m.t(i === 0 ? 'from' : 'to', { title }), 'aria-valuetext': time.bins[at]!.label })
      if (handle.value !== String(at)) handle.value = String(at)
    })
    // Where both stand at the end, the left one must be the one that can be taken.
    this.chart.classList.toggle('is-at-end', first === time.bins.length - 1)
    replace(this.ends, h('span', { text: time.bins[0]!.label }), h('span', { text: time.bins.at(-1)!.label }))
    this.drawTable(m)
    this.light(m)
  }

  /** Lights the span of the item under the pointer. */
  light(m: Model): void {
    const time = m.data!.time!
    const item = m.state.over ? null : hovered(m)
    const bin = item ? time.binOf(timeOf(time, item.feature.properties)) : null
    const { lit } = m.state
    this.bars.querySelectorAll('[data-bin]').forEach((bar) => {
      const at = Number(bar.getAttribute('data-bin'))
      bar.classList.toggle('is-lit', at === bin || (lit?.kind === 'span' && at >= lit.from && at <= lit.to))
    })
  }

  private chosen(time: TimeFacet): [number, number] {
    const [first, last] = spansOf(time, rangeOf(this.store.state.ranges, time.key) ?? [null, null])
    return [Math.min(first, last), Math.max(first, last)]
  }

  private drawBars(m: Model, time: TimeFacet, first: number, last: number): void {
    const counts = m.result!.counts.get(time.counts)
    const most = Math.max(1, ...time.bins.map((b) => counts?.get(String(b.from)) ?? 0))
    const step = WIDTH / time.bins.length
    const gap = Math.min(2, step * 0.2)
    replace(this.bars, ...time.bins.map((b, i) => {
      const n = counts?.get(String(b.from)) ?? 0
      const tall = n === 0 ? 0 : Math.max(2, (n / most) * (HEIGHT - 4))
      const bar = svg('rect', { class: `timeline-bar${i >= first && i <= last ? ' is-in' : ''}`, x: i * step + gap / 2, y: HEIGHT - tall, width: step - gap, height: tall, 'data-bin': b.from, 'data-n': n })
      const area = svg('rect', { class: 'timeline-hit', x: i * step, y: 0, width: step, height: HEIGHT })
      area.append(svg('title', {}, `${b.label}: ${plainNumber(n)}`))
      return svg('g', {}, area, bar)
    }))
  }

  private drawTable(m: Model): void {
    const time = m.data!.time!
    const counts = m.result!.counts.get(time.counts)
    const rows = time.bins.map((b) => ({ label: b.label, n: counts?.get(String(b.from)) ?? 0 })).filter((r) => r.n > 0)
    replace(this.table, h('summary', { class: 'hint', text: m.t('asTable'), attrs: { 'data-focus': 'time table' } }),
      this.table.open ? h('table', { class: 'timeline-rows' },
        h('thead', {}, h('tr', {}, h('th', { text: m.of(time.field.title), attrs: { scope: 'col' } }), h('th', { text: m.t('selCount'), attrs: { scope: 'col' } }))),
        h('tbody', {}, ...rows.map((r) => h('tr', {}, h('th', { text: r.label, attrs: { scope: 'row' } }), h('td', { text: plainNumber(r.n) }))))) : null)
  }

  private moved(end: 'from' | 'to'): void {
    const [low, high] = this.handles.map((x) => Number(x.value)) as [number, number]
    if (end === 'from') this.take(Math.min(low, high), high)
    else this.take(low, Math.max(low, high))
  }

  private take(first: number, last: number): void {
    const time = this.model!.data!.time!
    const limits = limitsOf(time, first, last)
    const ranges = { ...this.store.state.ranges }
    if (limits[0] === null && limits[1] === null) delete ranges[time.key]
    else Object.defineProperty(ranges, time.key, { value: limits, enumerable: true, configurable: true, writable: true })
    this.store.set({ ranges })
    // The state may stand as it was, while the handle went past the other.
    if (this.model) this.update(this.model)
  }

  private at(e: PointerEvent): number {
    const box = this.bars.getBoundingClientRect()
    const n = this.model!.data!.time!.bins.length
    return Math.max(0, Math.min(n - 1, Math.floor(((e.clientX - box.left) / box.width) * n)))
  }

  private down(e: PointerEvent): void {
    if (e.button !== 0 || !this.model) return
    this.bars.setPointerCapture(e.pointerId)
    this.from = this.at(e)
    const up = (last: PointerEvent) => {
      this.bars.removeEventListener('pointerup', done)
      this.bars.removeEventListener('pointercancel', done)
      const { from } = this
      this.from = null
      if (from === null || last.type === 'pointercancel') return
      const to = this.at(last)
      const time = this.model!.data!.time!
      const [first, end] = this.chosen(time)
      // The same bar once more takes the choice back.
      if (from === to && first === from && end === from) this.store.drop(time.key)
      else this.take(Math.min(from, to), Math.max(from, to))
    }
    const done = up as EventListener
    this.bars.addEventListener('pointerup', done)
    this.bars.addEventListener('pointercancel', done)
  }

  private over(e: PointerEvent): void {
    if (!this.model || (e.pointerType !== 'mouse' && this.from === null)) return
    const { bins } = this.model.data!.time!
    const to = this.at(e)
    const [first, last] = [Math.min(this.from ?? to, to), Math.max(this.from ?? to, to)]
    this.store.set({ lit: { kind: 'span', from: bins[first]!.from, to: bins[last]!.to } })
  }
}

function spanLabel(time: TimeFacet, first: number, last: number): string {
  const [a, b] = [time.bins[first]!.label, time.bins[last]!.label]
  if (first === last) return a
  return `${a.split('–')[0]}–${b.split('–').at(-1)}`
}
