// What a reader may mean by what is typed into the search: features, trades and other
// values, regions, places. A list below the field, walked by arrow keys while the field
// keeps the focus (the combobox pattern of WAI-ARIA).

import { ApiError, lookUp, type Found } from './api'
import { h, replace, setAttrs } from './dom'
import type { MessageKey } from './messages'
import type { Model } from './model'
import type { Lang, Text } from './schema'

const TYPING_MS = 150

const KINDS: Record<Found['kind'], MessageKey> = { feature: 'foundFeature', value: 'foundValue', group: 'foundGroup', region: 'foundRegion', place: 'foundPlace' }

export class Suggestions {
  readonly el = h('ul', { class: 'suggestions', attrs: { id: 'suggestions', role: 'listbox' } })
  readonly said = h('p', { class: 'sr', attrs: { role: 'status' } })
  private found: Found[] = []
  private active = -1
  private asked: AbortController | null = null
  private typing: ReturnType<typeof setTimeout> | undefined
  private model: Model | null = null

  constructor(private readonly input: HTMLInputElement, private readonly chosen: (f: Found) => void) {
    this.el.hidden = true
    setAttrs(input, { role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': 'suggestions' })
    input.addEventListener('input', () => {
      clearTimeout(this.typing)
      this.typing = setTimeout(() => void this.look(), TYPING_MS)
    })
    input.addEventListener('keydown', (e) => this.keys(e))
    input.addEventListener('blur', () => this.close())
    this.el.addEventListener('pointerdown', (e) => e.preventDefault()) // the field keeps the focus
  }

  update(m: Model): void {
    if (this.model && this.model.state.collection !== m.state.collection) this.close()
    this.model = m
    this.el.setAttribute('aria-label', m.t('suggestions'))
    if (!this.el.hidden) this.draw()
  }

  close(): void {
    clearTimeout(this.typing)
    this.asked?.abort()
    this.found = []
    this.active = -1
    this.draw()
  }

  private async look(): Promise<void> {
    this.asked?.abort()
    const text = this.input.value.trim()
    if (text === '' || !this.model || document.activeElement !== this.input) {
      this.close()
      return
    }
    const run = (this.asked = new AbortController())
    try {
      this.found = await lookUp(text, this.model.state.collection, run.signal)
    } catch (err) {
      if (run.signal.aborted) return
      if (!(err instanceof ApiError)) throw err
      this.found = [] // the list below still answers what is typed
    }
    this.active = -1
    this.draw()
    this.said.textContent = this.found.length > 0 ? this.model.t('suggestionsFound', { n: this.found.length }) : ''
  }

  private keys(e: KeyboardEvent): void {
    if (this.el.hidden || e.isComposing) return
    const n = this.found.length
    if (e.key === 'ArrowDown') this.active = this.active + 1 >= n ? -1 : this.active + 1
    else if (e.key === 'ArrowUp') this.active = this.active < 0 ? n - 1 : this.active - 1
    else if (e.key === 'Escape') this.close()
    else if (e.key === 'Enter' && this.active >= 0) this.pick(this.found[this.active]!)
    else {
      if (e.key === 'Enter') this.close()
      return
    }
    e.preventDefault()
    e.stopImmediatePropagation()
    if (!this.el.hidden) this.draw()
  }

  private pick(f: Found): void {
    this.close()
    this.chosen(f)
  }

  private draw(): void {
    const { model: m, found } = this
    this.el.hidden = found.length === 0 || !m
    setAttrs(this.input, { 'aria-expanded': String(!this.el.hidden), 'aria-activedescendant': this.active >= 0 ? `suggestion-${this.active}` : null })
    if (!m) return
    replace(this.el, ...found.map((f, i) => h('li', {
      class: `suggestion${i === this.active ? ' is-active' : ''}`,
      attrs: { id: `suggestion-${i}`, role: 'option', 'aria-selected': String(i === this.active), 'data-found': f.kind, 'data-found-id': f.value ?? f.region ?? f.id ?? '' },
      on: { click: () => this.pick(f) },
    },
    h('span', { class: 'suggestion-name', text: inLang(f.title, m.lang) }),
    h('span', { class: 'suggestion-detail', text: [m.t(KINDS[f.kind]), f.kind === 'group' ? '' : inLang(f.detail, m.lang), f.count === undefined ? '' : m.t('suggestionCount', { n: f.count })].filter((x) => x !== '').join(' · ') }))))
    this.el.children[this.active]?.scrollIntoView({ block: 'nearest' })
  }
}

const inLang = (t: Partial<Text> | undefined, lang: Lang) => t?.[lang] || t?.en || t?.zh || ''
