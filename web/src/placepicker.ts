// Choosing a place of China by its name: what is typed is looked up on the server,
// and what was found is a list of buttons.

import { ApiError, searchPlaces, type PlaceFound } from './api'
import { h, icon, replace } from './dom'
import type { MessageKey } from './messages'
import type { Model } from './model'
import { levelName } from './rowwords'

const TYPING_MS = 200

/** How the field is called, and what it takes besides a place of the list. */
interface PlaceForm {
  id: string
  label: MessageKey
  hint: MessageKey
  /** Enter was pressed; true where the text was taken. */
  entered?: (text: string) => boolean
}

const ROW_FORM: PlaceForm = { id: 'place-search', label: 'rowPlaceSearch', hint: 'rowPlaceSearchHint' }

export class PlacePicker {
  readonly el = h('div', { class: 'picker' })
  private readonly label: HTMLElement
  private readonly input: HTMLInputElement
  private readonly said = h('p', { class: 'hint', attrs: { role: 'status' } })
  private readonly list = h('ul', { class: 'picker-list' })
  private model: Model | null = null
  private found: PlaceFound[] | null = null
  private asked: AbortController | null = null
  private typing: ReturnType<typeof setTimeout> | undefined
  private failed = false

  constructor(private readonly chosen: (place: PlaceFound) => void, private readonly form: PlaceForm = ROW_FORM) {
    this.label = h('label', { class: 'fate-label', attrs: { for: form.id } })
    this.input = h('input', { attrs: { id: form.id, type: 'search', autocomplete: 'off', 'data-testid': form.id }, class: 'field' })
    this.el.append(this.label, this.input, this.said, this.list)
    this.input.addEventListener('input', () => {
      clearTimeout(this.typing)
      this.typing = setTimeout(() => void this.look(), TYPING_MS)
    })
    this.input.addEventListener('keydown', (e) => {
      if (e.key === 'ArrowDown') this.list.querySelector('button')?.focus()
      else if (e.key === 'Escape' && this.input.value !== '') this.clear()
      else if (e.key === 'Enter' && this.form.entered?.(this.input.value)) this.clear()
      else return
      e.preventDefault()
      e.stopPropagation()
    })
    this.list.addEventListener('keydown', (e) => this.walk(e))
  }

  update(m: Model): void {
    this.model = m
    this.label.textContent = m.t(this.form.label)
    this.input.placeholder = m.t(this.form.hint)
    this.draw()
  }

  clear(): void {
    clearTimeout(this.typing)
    this.asked?.abort()
    this.input.value = ''
    this.found = null
    this.failed = false
    this.draw()
  }

  private async look(): Promise<void> {
    this.asked?.abort()
    const text = this.input.value.trim()
    if (text === '') {
      this.clear()
      return
    }
    const run = (this.asked = new AbortController())
    try {
      this.found = await searchPlaces(text, run.signal)
      this.failed = false
    } catch (err) {
      if (run.signal.aborted) return
      if (!(err instanceof ApiError)) throw err
      this.found = []
      this.failed = true
    }
    this.draw()
  }

  private draw(): void {
    const m = this.model
    if (!m) return
    const { found } = this
    this.said.textContent = found === null ? '' : this.failed ? m.t('errorTitle') : found.length === 0 ? m.t('rowPlacesNone') : m.t('rowPlacesFound', { n: found.length })
    replace(this.list, ...(found ?? []).map((p) => this.one(m, p)))
  }

  private one(m: Model, p: PlaceFound): HTMLElement {
    const notes = [levelName(m, p.level), p.point === null ? m.t('rowPlaceNoPoint') : ''].filter((t) => t !== '')
    return h('li', {}, h('button', {
      class: 'picker-one', attrs: { type: 'button', 'data-code': p.code, 'data-focus': `place ${p.code}` },
      on: { click: () => { this.clear(); this.chosen(p) } },
    }, h('span', { class: 'picker-name' }, h('b', { text: m.of(p.name) }), h('span', { class: 'hint', text: m.of(p.within) })), h('span', { class: 'hint', text: notes.join(' · ') }), icon('forward')))
  }

  private walk(e: KeyboardEvent): void {
    const by = e.key === 'ArrowDown' ? 1 : e.key === 'ArrowUp' ? -1 : 0
    if (by === 0) return
    e.preventDefault()
    const all = [...this.list.querySelectorAll('button')]
    const to = all.indexOf(document.activeElement as HTMLButtonElement) + by
    if (to < 0) this.input.focus()
    else all[to]?.focus()
  }
}
