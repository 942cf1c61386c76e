// The head of the panel: title, layer chooser, search, chips of the filters in
// force, and on a phone the chips that open a filter.

import type { Found } from './api'
import { h, icon, replace, setAttrs } from './dom'
import { logo } from './symbols'
import type { Model } from './model'
import { plainNumber } from './format'
import { filterChips } from './naming'
import { ATLAS, INITIAL, type Store } from './state'
import { Suggestions } from './suggest'

/** Collections of the atlas that describe it and are no layer of their own. */
const CONTEXT = new Set(['claims', 'regions', 'divisions'])

export class Header {
  readonly el = h('header', { class: 'top' })
  private readonly title = h('h1', { class: 'brand-name' })
  private readonly layer = h('div', { class: 'layer' })
  private readonly input = h('input', { class: 'search-input', attrs: { id: 'search', type: 'search', autocomplete: 'off', spellcheck: 'false', enterkeyhint: 'search' } })
  private readonly clear = h('button', { class: 'search-clear', attrs: { type: 'button' } }, icon('close'))
  private readonly language = h('button', { class: 'search-lang', attrs: { type: 'button' } })
  private readonly chips = h('div', { class: 'chips' })
  private readonly active = h('div', { class: 'active' })
  private readonly suggestions: Suggestions
  private typing: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly store: Store, found: (f: Found) => void) {
    this.suggestions = new Suggestions(this.input, (f) => {
      this.empty()
      found(f)
    })
    const box = h('div', { class: 'search', attrs: { role: 'search' } }, icon('search'), this.input, this.clear, this.language, this.suggestions.el, this.suggestions.said)
    this.el.append(h('div', { class: 'brand' }, logo(), this.title), this.layer, box, this.chips, this.active)
    this.input.addEventListener('input', () => {
      clearTimeout(this.typing)
      this.typing = setTimeout(() => this.store.set({ text: this.input.value.slice(0, 200) }), 120)
    })
    this.input.addEventListener('keydown', (e) => {
      if (e.key === 'Escape' && this.input.value !== '') {
        e.stopPropagation()
        this.empty()
      } else if (e.key === 'Enter') this.store.set({ text: this.input.value.slice(0, 200), tab: 'list', snap: 'half' })
    })
    this.clear.addEventListener('click', () => {
      this.empty()
      this.input.focus()
    })
    this.language.addEventListener('click', () => this.store.set({ lang: this.language.lang === 'en' ? 'en' : 'zh' }))
  }

  update(m: Model): void {
    const atlas = m.data ? m.data.isAtlas : m.state.collection === ATLAS
    const title = atlas ? m.t('title') : m.data ? m.of(m.data.schema.title) : m.t('otherTitle')
    this.title.textContent = title
    const hint = m.t(atlas ? 'search' : 'searchOther')
    setAttrs(this.input, { placeholder: m.state.layout === 'phone' && atlas ? m.t('searchPhone') : hint, 'aria-label': hint })
    if (document.activeElement !== this.input || m.state.text === '') {
      if (this.input.value !== m.state.text) this.input.value = m.state.text
    }
    this.clear.hidden = this.input.value === ''
    setAttrs(this.clear, { 'aria-label': m.t('clearSearch'), title: m.t('clearSearch') })
    this.language.textContent = m.t('otherLanguage')
    this.language.lang = m.lang === 'zh' ? 'en' : 'zh'
    setAttrs(this.language, { 'aria-label': m.t('otherLanguageLong') })
    this.suggestions.update(m)
    this.drawLayers(m)
    this.drawChips(m)
    this.drawActive(m)
  }

  focusSearch(): void {
    this.input.focus()
  }

  private empty(): void {
    clearTimeout(this.typing)
    this.suggestions.close()
    this.input.value = ''
    this.store.set({ text: '' })
  }

  private drawLayers(m: Model): void {
    const offered = m.collections.filter((c) => !CONTEXT.has(c.id) || c.id === m.state.collection)
    this.layer.hidden = offered.length < 2
    if (this.layer.hidden) return
    const select = h('select', {
      class: 'layer-select', attrs: { 'aria-label': m.t('collection'), 'data-focus': 'layer' },
      on: { change: () => this.store.set({ ...INITIAL, lang: m.state.lang, theme: m.state.theme, base: m.state.base, scenes: m.state.scenes, collection: select.value, group: null }) },
    }, ...offered.map((c) => h('option', { text: c['x-title']?.[m.lang] ?? c.title ?? c.id, attrs: { value: c.id, selected: c.id === m.state.collection } })))
    replace(this.layer, h('span', { class: 'layer-name', text: m.t('collection') }), select, icon('chevron'))
  }

  private drawChips(m: Model): void {
    const facets = (m.data?.facets ?? []).filter((f) => ['palette', 'shape'].includes(f.kind) || f.key === 'p.origin').slice(0, 3)
    const chip = (key: string, label: string, n: number) => h('button', {
      class: `chip${n > 0 ? ' is-on' : ''}`, attrs: { type: 'button', 'data-focus': `chip ${key}`, 'data-facet-chip': key },
      on: { click: () => this.store.set({ tab: 'legend', snap: 'half', facet: key, selected: null, group: null }) },
    }, key === '' ? icon('layers') : null, h('span', { text: n > 0 ? `${label} ${n}` : label }))
    const short = (f: { key: string; title: { zh: string; en: string } }) => (f.key === 'family' && m.data?.isAtlas ? m.t('chipTrade') : f.key === 'p.origin' ? m.t('origin') : m.of(f.title))
    replace(this.chips, ...facets.map((f) => chip(f.key, short(f), m.state.chosen[f.key]?.length ?? 0)), m.data ? chip('', m.t('legend'), 0) : null,
      m.data?.box ? h('button', {
        class: `chip${m.state.area ? ' is-on' : ''}`, attrs: { type: 'button', 'data-focus': 'chip area', 'data-facet-chip': 'area' },
        on: { click: () => this.store.set({ selecting: true, tab: 'regions', snap: 'half', selected: null, group: null }) },
      }, icon('area'), h('span', { text: m.t('selOpen') })) : null)
  }

  private drawActive(m: Model): void {
    const tags = filterChips(m)
    this.active.hidden = tags.length === 0
    replace(this.active, ...tags.map((tag) => h('button', {
      class: 'tag', attrs: {
        type: 'button', 'aria-label': m.t('removeFilter', { name: tag.n === null ? tag.name : `${tag.name} ${plainNumber(tag.n)}` }), 'data-focus': `tag ${tag.key} ${tag.option ?? ''}`,
        'data-filter': tag.key, 'data-option': tag.option,
      },
      on: { click: () => (tag.option === null ? this.store.drop(tag.key) : this.store.toggle(tag.key, tag.option)) },
    }, h('span', { text: tag.name }), ' ', tag.n === null ? null : h('span', { class: 'tag-count', text: plainNumber(tag.n) }), icon('close'))),
    tags.length > 1 ? h('button', { class: 'link', text: m.t('clearAll'), attrs: { type: 'button', 'data-focus': 'clear' }, on: { click: () => this.store.clear() } }) : null)
  }
}
