// Presentation: the map alone in large type, one scene after the other.

import { h, icon, replace, setAttrs } from './dom'
import { plainNumber } from './format'
import type { Model } from './model'
import type { Scene } from './scenes'
import { fromHash, type Patch, type Store } from './state'
import { sceneState } from './subject'
import { swatch } from './symbols'

/** The controls hide when nothing has moved for so long. */
const QUIET_MS = 3000
const FLIGHT_SECONDS = 1.4

const NEXT = new Set(['ArrowRight', 'ArrowDown', 'PageDown', 'Enter', ' '])
const BACK = new Set(['ArrowLeft', 'ArrowUp', 'PageUp', 'Backspace'])

/** Where a key leads from scene i of n; null: nowhere. */
export function keyTarget(key: string, i: number, n: number): number | null {
  const to = NEXT.has(key) ? i + 1 : BACK.has(key) ? i - 1 : key === 'Home' ? 0 : key === 'End' ? n - 1 : NaN
  return to >= 0 && to < n ? to : null
}

/** What showing a scene changes in the state. */
export function scenePatch(scene: Scene, flight: number): Patch {
  const { collection, definitions, chosen, ranges, text, area, selected, show, areas, base } = sceneState(fromHash(scene.at))
  return {
    collection, definitions, chosen, ranges, text, area, selected, show, areas, base, group: null, drawer: false, ...(scene.box ? {} : { view: null }),
    flight: { box: scene.box, point: null, zoom: null, n: flight, seconds: FLIGHT_SECONDS },
  }
}

export class Presentation {
  readonly el = h('div', { class: 'presenter', attrs: { hidden: true, 'data-testid': 'presenter' } })
  private readonly title = h('h2', { class: 'presenter-title', attrs: { 'aria-live': 'polite' } })
  private readonly legend = h('ul', { class: 'presenter-legend' })
  private readonly bar = h('div', { class: 'presenter-bar', attrs: { role: 'group' } })
  private timer: ReturnType<typeof setTimeout> | undefined
  private model: Model | null = null
  private on = false

  constructor(private readonly store: Store) {
    this.el.append(this.title, this.legend, this.bar)
    addEventListener('keydown', (e) => this.keys(e), true)
    for (const type of ['pointermove', 'pointerdown', 'keydown', 'focusin'] as const) addEventListener(type, () => this.stir())
    document.addEventListener('fullscreenchange', () => {
      if (!document.fullscreenElement) this.stop()
    })
  }

  start(at = 0): void {
    void document.documentElement.requestFullscreen?.().catch(() => {}) // without it the window is the screen
    this.goTo(at)
    this.bar.querySelector<HTMLElement>('[data-focus="present next"], [data-focus="present stop"]')?.focus()
  }

  /** Takes what a link presents from its scene, before anything is loaded. */
  open(): void {
    const scene = this.scene()
    if (!scene) return
    const { flight: _, ...shown } = scenePatch(scene, 0)
    this.store.correct({ ...shown, view: null })
  }

  /** Shows where the scene of a link is, once there is a map to show. */
  arrive(): void {
    const scene = this.scene()
    if (scene?.box) this.store.set({ flight: { ...scenePatch(scene, this.store.state.flight.n + 1).flight!, seconds: 0 } })
  }

  private scene(): Scene | undefined {
    const { playing, scenes } = this.store.state
    return playing === null ? undefined : scenes[playing]
  }

  stop(): void {
    if (this.store.state.playing === null) return
    this.store.set({ playing: null })
    if (document.fullscreenElement) void document.exitFullscreen().catch(() => {})
    document.querySelector<HTMLElement>('[data-focus=present]')?.focus()
  }

  goTo(i: number): void {
    const scene = this.store.state.scenes[i]
    this.store.set({ playing: i }) // the map has its size before it flies
    if (scene) this.store.set(scenePatch(scene, this.store.state.flight.n + 1))
  }

  update(m: Model): void {
    this.model = m
    const playing = m.state.playing
    if ((playing !== null) !== this.on) {
      this.on = playing !== null
      this.stir()
    }
    this.el.hidden = playing === null
    if (playing === null) return
    const { scenes } = m.state
    const page = m.data && !m.data.isAtlas ? m.of(m.data.schema.title) : m.t('title')
    const title = scenes[playing]?.name || page
    if (this.title.textContent !== title) this.title.textContent = title
    this.drawLegend(m)
    this.drawBar(m, playing)
  }

  /** What occurs on the map now. */
  private drawLegend(m: Model): void {
    const counts = m.result?.counts.get('family')
    const chosen = m.state.chosen['family'] ?? []
    const options = m.data?.schema.category && counts ? m.data.palette.filter((o) => (counts.get(o.key) ?? 0) > 0 && (chosen.length === 0 || chosen.includes(o.key))) : []
    this.legend.hidden = options.length === 0
    this.legend.replaceChildren(...options.map((o) => h('li', {}, swatch(o.token), h('span', { text: m.of(o.title) }), h('b', { text: plainNumber(counts!.get(o.key)!) }))))
  }

  private drawBar(m: Model, playing: number): void {
    const n = Math.max(1, m.state.scenes.length)
    const step = (to: number, key: 'previousScene' | 'nextScene', sign: 'back' | 'forward') => h('button', {
      class: 'tool', attrs: { type: 'button', 'aria-label': m.t(key), title: m.t(key), disabled: to < 0 || to >= n, 'data-focus': sign === 'back' ? 'present back' : 'present next' }, on: { click: () => this.goTo(to) },
    }, icon(sign))
    setAttrs(this.bar, { 'aria-label': m.t('presentation') })
    replace(this.bar,
      n > 1 ? step(playing - 1, 'previousScene', 'back') : null,
      n > 1 ? h('div', { class: 'dots' }, ...m.state.scenes.map((s, i) => {
        const name = m.t('sceneNumber', { n: i + 1, name: s.name })
        return h('button', { class: 'dot', attrs: { type: 'button', 'aria-label': name, title: name, 'aria-current': i === playing ? 'true' : null, 'data-scene': i, 'data-focus': `dot ${i}` }, on: { click: () => this.goTo(i) } })
      })) : null,
      n > 1 ? step(playing + 1, 'nextScene', 'forward') : null,
      h('button', { class: 'tool has-text', attrs: { type: 'button', 'data-focus': 'present stop', 'data-testid': 'present-stop' }, on: { click: () => this.stop() } }, icon('close'), h('span', { text: m.t('presentEnd') })))
  }

  private keys(e: KeyboardEvent): void {
    const { playing, scenes } = this.store.state
    if (playing === null || e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return
    if (e.target instanceof Element && e.target.closest('input, textarea, select, dialog, .card')) return
    const pressing = (e.key === 'Enter' || e.key === ' ') && e.target instanceof Element && e.target.closest('button, a, [role=button]') !== null
    if (pressing) return
    const to = keyTarget(e.key, playing, scenes.length)
    if (e.key === 'Escape' && !this.model?.selected && this.model?.state.group === null) this.stop()
    else if (to !== null) this.goTo(to)
    else if (!NEXT.has(e.key) && !BACK.has(e.key)) return
    e.preventDefault()
    e.stopPropagation()
  }

  /** Something moved: the controls show for a while. */
  private stir(): void {
    document.body.classList.remove('is-quiet')
    clearTimeout(this.timer)
    if (this.store.state.playing === null) return
    this.timer = setTimeout(() => document.body.classList.add('is-quiet'), QUIET_MS)
  }
}
