// The list of scenes: save, order, name, delete, present, take along as slides or as
// a small file that can be dropped back on the map.

import { fetchSchema } from './api'
import { makeRemote, type Dataset } from './dataset'
import { h, icon, replace, setAttrs } from './dom'
import type { Box } from './geojson'
import type { MessageKey } from './messages'
import type { Model } from './model'
import { firstChoice, slidesUrl, type Slide } from './picture'
import { scenePatch, type Presentation } from './presentation'
import { LONGEST_NAME, LONGEST_NOTES, MOST_SCENES, moved, sceneFile, scenesIn, type Scene } from './scenes'
import { readSchema } from './schema'
import { fromHash, type Store } from './state'
import { sceneOf, sceneSubject } from './subject'

/** The longest address that servers take. */
const LONGEST_ADDRESS = 60_000
const TYPING_MS = 200

export class ScenesView {
  readonly el = h('section', { class: 'scenes', attrs: { id: 'scenes', hidden: true, 'aria-labelledby': 'scenes-title', 'data-testid': 'scenes' } })
  private readonly head = h('div', { class: 'scenes-head' })
  private readonly list = h('ol', { class: 'scenes-list' })
  private readonly foot = h('div', { class: 'scenes-foot' })
  private readonly said = h('p', { class: 'hint scenes-said', attrs: { role: 'status' } })
  private readonly file = h('input', { attrs: { type: 'file', accept: '.json,application/json', hidden: true, 'aria-hidden': 'true', tabindex: '-1' } })
  private readonly others = new Map<string, Dataset>()
  private readonly asked = new Set<string>()
  private model: Model | null = null
  private drawn = ''

  constructor(private readonly store: Store, private readonly present: Presentation, private readonly boxNow: () => Box) {
    this.el.append(this.head, this.list, this.said, this.foot, this.file)
    this.file.addEventListener('change', () => {
      const one = this.file.files?.[0]
      if (one) void this.read(one)
      this.file.value = ''
    })
    this.el.addEventListener('keydown', (e) => {
      if (e.key !== 'Escape') return
      e.stopPropagation()
      this.toggle(false)
    })
  }

  get open(): boolean {
    return !this.el.hidden
  }

  toggle(open: boolean): void {
    this.el.hidden = !open
    this.said.textContent = ''
    document.body.classList.toggle('has-scenes', open)
    if (this.model) this.update(this.model)
    if (open) this.foot.querySelector<HTMLElement>('button')?.focus()
    else document.querySelector<HTMLElement>('[data-focus=present]')?.focus()
  }

  /** Takes scenes from a file; null is said to be none. */
  take(scenes: Scene[] | null, name: string): void {
    if (scenes) this.store.set({ scenes })
    if (!this.open) this.toggle(true)
    const m = this.model
    if (m) this.said.textContent = scenes ? m.t('scenesRead', { n: scenes.length }) : m.t('scenesNotRead', { name })
    setAttrs(this.said, { 'data-read': scenes ? scenes.length : 'no' })
  }

  update(m: Model): void {
    this.model = m
    if (this.el.hidden) return
    replace(this.head, h('h2', { class: 'scenes-title', text: m.t('scenes'), attrs: { id: 'scenes-title' } }),
      h('button', { class: 'tool scenes-close', attrs: { type: 'button', 'aria-label': m.t('close'), title: m.t('close'), 'data-focus': 'scenes close' }, on: { click: () => this.toggle(false) } }, icon('close')))
    this.drawList(m)
    this.drawFoot(m)
    this.lookUp(m)
  }

  private change(scenes: Scene[]): void {
    this.said.textContent = ''
    this.store.set({ scenes })
  }

  /** Rows stay while a reader types in them. */
  private drawList(m: Model): void {
    const key = JSON.stringify([m.lang, m.state.scenes])
    if (key === this.drawn) return
    this.drawn = key
    replace(this.list, ...m.state.scenes.map((s, i) => this.row(m, s, i)), m.state.scenes.length === 0 ? h('li', { class: 'hint', text: m.t('scenesNone') }) : null)
  }

  private row(m: Model, s: Scene, i: number): HTMLElement {
    const now = () => this.store.state.scenes
    const act = (key: MessageKey, sign: 'up' | 'down' | 'close', off: boolean, press: () => void) => h('button', {
      class: 'tool', attrs: { type: 'button', 'aria-label': m.t(key, { n: i + 1 }), title: m.t(key, { n: i + 1 }), disabled: off, 'data-focus': `${key} ${i}`, 'data-act': key }, on: { click: press },
    }, icon(sign))
    const name = h('input', { class: 'field', attrs: { type: 'text', value: s.name, maxlength: LONGEST_NAME, placeholder: m.t('sceneName'), 'aria-label': m.t('sceneNameOf', { n: i + 1 }), 'data-focus': `scene name ${i}` } })
    const notes = h('textarea', { class: 'field', text: s.notes, attrs: { rows: '2', maxlength: LONGEST_NOTES, placeholder: m.t('sceneNotes'), 'aria-label': m.t('sceneNotesOf', { n: i + 1 }), 'data-focus': `scene notes ${i}` } })
    let typing: ReturnType<typeof setTimeout> | undefined
    const write = () => {
      clearTimeout(typing)
      typing = setTimeout(() => {
        const scenes = now().map((x, k) => (k === i ? { ...x, name: name.value, notes: notes.value } : x))
        this.drawn = JSON.stringify([m.lang, scenes]) // the row shows it already
        this.change(scenes)
      }, TYPING_MS)
    }
    name.addEventListener('input', write)
    notes.addEventListener('input', write)
    return h('li', { class: 'scene', attrs: { 'data-scene-row': i } },
      h('button', { class: 'scene-go', text: String(i + 1), attrs: { type: 'button', 'aria-label': m.t('sceneGo', { n: i + 1 }), title: m.t('sceneGo', { n: i + 1 }), 'data-focus': `scene go ${i}` }, on: { click: () => this.store.set(scenePatch(now()[i]!, this.store.state.flight.n + 1)) } }),
      h('div', { class: 'scene-text' }, name, notes),
      h('div', { class: 'scene-acts' },
        act('sceneUp', 'up', i === 0, () => this.change(moved(now(), i, i - 1))),
        act('sceneDown', 'down', i === m.state.scenes.length - 1, () => this.change(moved(now(), i, i + 1))),
        act('sceneDelete', 'close', false, () => this.change(now().filter((_, k) => k !== i)))))
  }

  private drawFoot(m: Model): void {
    const { scenes } = m.state
    const full = scenes.length >= MOST_SCENES
    const button = (key: MessageKey, id: string, primary: boolean, off: boolean, press: () => void) => h('button', {
      class: `button${primary ? ' is-primary' : ''}`, text: m.t(key), attrs: { type: 'button', disabled: off, 'data-testid': id, 'data-focus': id }, on: { click: press },
    })
    const links = scenes.length > 0 ? (['pptx', 'pdf'] as const).map((f) => this.exported(m, f)) : []
    replace(this.foot,
      h('div', { class: 'scenes-acts' },
        button('sceneSave', 'scene-save', scenes.length === 0, full || !m.data, () => this.save(m)),
        button('presentStart', 'present-start', scenes.length > 0, false, () => this.begin())),
      h('div', { class: 'scenes-acts' }, ...links,
        scenes.length > 0 ? button('scenesKeep', 'scenes-keep', false, false, () => this.keep(m)) : null,
        button('scenesOpen', 'scenes-open', false, false, () => this.file.click())),
      h('p', { class: 'hint', text: m.t(full ? 'scenesFull' : 'scenesHint', { n: MOST_SCENES }) }))
  }

  /** The name is the reader's to give: a slide without one says what its numbers say. */
  private save(m: Model): void {
    this.change([...m.state.scenes, sceneOf(m.state, '', m.state.view === null ? null : this.boxNow())])
    this.list.querySelector<HTMLElement>(`[data-focus="scene name ${m.state.scenes.length}"]`)?.focus()
  }

  private begin(): void {
    this.toggle(false)
    this.present.start()
  }

  private exported(m: Model, f: 'pptx' | 'pdf'): HTMLElement | null {
    const slides: Slide[] = []
    for (const s of m.state.scenes) {
      const data = this.dataOf(m, fromHash(s.at).collection)
      if (!data) return h('span', { class: 'button is-off', text: f.toUpperCase(), attrs: { 'aria-disabled': 'true' } })
      slides.push({ subject: sceneSubject(m, s, data), title: s.name, notes: s.notes, whole: s.box === null })
    }
    const choice = firstChoice(m.lang, m.theme === 'dark', false)
    const url = slidesUrl(slides, m.theme === 'dark' ? choice : { ...choice, style: 'presentation' }, f)
    if (url.length > LONGEST_ADDRESS) return h('p', { class: 'hint', text: m.t('scenesLong') })
    return h('a', { class: 'button', attrs: { href: url, download: `${m.t('presentation')}.${f}`, 'data-scenes-as': f, 'data-focus': `scenes ${f}` } }, icon('download'), h('span', { text: f.toUpperCase() }))
  }

  private dataOf(m: Model, id: string): Dataset | undefined {
    return m.data?.id === id ? m.data : this.others.get(id)
  }

  /** Reads the schemas of other collections that scenes are of; what they select is said in its terms. */
  private lookUp(m: Model): void {
    for (const id of new Set(m.state.scenes.map((s) => fromHash(s.at).collection))) {
      if (this.dataOf(m, id) || this.asked.has(id)) continue
      this.asked.add(id)
      fetchSchema(id).then((doc) => {
        this.others.set(id, makeRemote(id, readSchema(doc, id), 0, null))
        if (this.model) this.update(this.model)
      }, () => this.asked.delete(id))
    }
  }

  private keep(m: Model): void {
    const url = URL.createObjectURL(new Blob([sceneFile(m.state.scenes)], { type: 'application/json' }))
    h('a', { attrs: { href: url, download: `${m.t('presentation')}.scenes.json` } }).click()
    setTimeout(() => URL.revokeObjectURL(url), 10_000)
  }

  private async read(file: File): Promise<void> {
    this.take(await scenesIn(file), file.name)
  }
}
