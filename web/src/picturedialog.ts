// The panel that makes a picture of the map: the preview, what can be chosen, and
// the ways to take it along.

import { absolute, ApiError, fetchPicture } from './api'
import { h, icon, replace, setAttrs } from './dom'
import { plainNumber } from './format'
import { say, type MessageKey, type Params } from './messages'
import {
  densityOf, DENSITIES, fileName, firstChoice, FORMATS, PARTS, pictureUrl, pixelsOf, presetOf, PRESETS, previewFormat, readChecks, STYLES, WORDS,
  type Checked, type Choice, type Format, type Part, type PresetKey, type Style, type Subject, type Words,
} from './picture'
import type { Lang } from './schema'

const PRESET_NAMES: Record<PresetKey, MessageKey> = {
  wide: 'presetWide', slide: 'presetSlide', across: 'presetAcross', upright: 'presetUpright', half: 'presetHalf', poster: 'presetPoster', square: 'presetSquare',
}
const STYLE_NAMES: Record<Style, MessageKey> = { light: 'styleLight', dark: 'styleDark', print: 'stylePrint', presentation: 'styleLarge' }
const WORD_NAMES: Record<Words, MessageKey> = { zh: 'wordsZh', en: 'wordsEn', both: 'wordsBoth' }
const PART_NAMES: Record<Part, MessageKey> = {
  legend: 'legend', scale: 'scale', regions: 'partOutlines', labels: 'partLabels', sources: 'partSources', north: 'partNorth', inset: 'partInset', review: 'partReview',
}
const FORMAT_HINTS: Record<Format, MessageKey> = { pptx: 'hintPptx', pdf: 'hintPdf', svg: 'hintSvg', png: 'hintPng' }
const PAUSE_MS = 250
const PATIENCE_MS = 300

/** What the page tells when the panel opens. */
export interface Scene {
  subject: Subject
  lang: Lang
  dark: boolean
  /** Whether the map stands where it opened. */
  home: boolean
  /** Of the page, for the name of the file. */
  title: string
}

export class PictureDialog {
  readonly el = h('dialog', { class: 'picture', attrs: { 'aria-labelledby': 'picture-title', 'data-testid': 'picture-dialog' } })
  private readonly image = h('img', { class: 'picture-image', attrs: { 'data-testid': 'picture-preview', alt: '' } })
  private readonly stage = h('div', { class: 'picture-stage' })
  private readonly said = h('p', { class: 'picture-said', attrs: { role: 'status', 'aria-live': 'polite' } })
  private readonly top = h('div', { class: 'picture-top' })
  private readonly checks = h('div', { class: 'picture-checks', attrs: { role: 'status', 'aria-live': 'polite', 'data-testid': 'picture-checks' } })
  private readonly title = h('input', { class: 'field', attrs: { type: 'text', id: 'picture-name', maxlength: '200', autocomplete: 'off', 'data-focus': 'picture name' } })
  private readonly review = h('input', { class: 'field', attrs: { type: 'text', id: 'picture-review', maxlength: '60', autocomplete: 'off', 'data-focus': 'picture review' } })
  // Fields that are typed in stay where they are while all around them is drawn
  // anew: a text that an input method is about to write would be lost.
  private readonly before = h('div', { class: 'picture-parts' })
  private readonly titleLabel = h('label', { class: 'picture-label', attrs: { for: 'picture-name' } })
  private readonly between = h('div', { class: 'picture-parts' })
  private readonly reviewBox = h('div', { class: 'picture-review' })
  private readonly reviewHint = h('p', { class: 'hint' })
  private readonly after = h('div', { class: 'picture-parts' })
  private readonly form = h('div', { class: 'picture-form' })
  private readonly foot = h('div', { class: 'picture-foot' })
  private readonly head = h('div', { class: 'picture-head' })
  private scene: Scene | null = null
  private choice: Choice | null = null
  private run: AbortController | null = null
  private timer: ReturnType<typeof setTimeout> | undefined
  private shown = ''
  private checked: Checked | null = null
  private failed: { status: number | null; detail: string } | null = null
  private note: { key: MessageKey; bad: boolean } | null = null

  constructor() {
    this.stage.append(this.image)
    this.reviewBox.append(this.review, this.reviewHint)
    this.form.append(this.before, h('div', { class: 'picture-parts' }, h('div', { class: 'picture-part' }, this.titleLabel, this.title)), this.between, this.reviewBox, this.after)
    this.el.append(
      h('div', { class: 'picture-left' }, this.top, this.stage, this.checks),
      h('div', { class: 'picture-right' }, this.head, this.form, this.foot))
    this.title.addEventListener('input', () => this.choose({ title: this.title.value }, PAUSE_MS))
    this.review.addEventListener('input', () => this.choose({ reviewNumber: this.review.value }, PAUSE_MS))
    this.el.addEventListener('close', () => this.closed())
    this.el.addEventListener('keydown', (e) => e.stopPropagation())
    this.el.addEventListener('click', (e) => e.target === this.el && this.el.close())
  }

  open(scene: Scene): void {
    const before = this.choice
    this.scene = scene
    const fresh = firstChoice(scene.lang, scene.dark, scene.home)
    this.choice = before ? { ...before, words: before.words === 'both' ? 'both' : scene.lang, whole: scene.home } : fresh
    this.shown = ''
    this.note = null
    this.draw()
    document.body.classList.add('has-picture')
    this.el.showModal()
    this.head.querySelector<HTMLElement>('h2')?.focus()
    this.ask(0)
  }

  private closed(): void {
    clearTimeout(this.timer)
    this.run?.abort()
    this.run = null
    document.body.classList.remove('has-picture')
    document.querySelector<HTMLElement>('[data-focus=picture]')?.focus()
  }

  private t(key: MessageKey, params: Params = {}): string {
    return say(this.scene!.lang, key, params)
  }

  private choose(patch: Partial<Choice>, wait = 0): void {
    this.choice = { ...this.choice!, ...patch }
    this.note = null
    this.draw()
    this.ask(wait)
  }

  private url(format: Format): string {
    return pictureUrl(this.scene!.subject, this.choice!, format)
  }

  /** Asks for the preview once the reader pauses; what was asked before is taken back. */
  private ask(wait: number): void {
    const url = this.url(previewFormat(this.choice!.format))
    clearTimeout(this.timer)
    if (url === this.shown) return
    this.run?.abort()
    this.run = null
    this.timer = setTimeout(() => void this.preview(url), wait)
  }

  private async preview(url: string): Promise<void> {
    const run = new AbortController()
    this.run = run
    const slow = setTimeout(() => this.el.classList.add('is-waiting'), PATIENCE_MS)
    try {
      const answer = await fetchPicture(url, run.signal)
      if (run.signal.aborted) return
      this.failed = null
      this.checked = readChecks((name) => answer.headers.get(name))
      this.image.src = url
      await this.image.decode().catch(() => {})
      if (!run.signal.aborted) this.shown = url
    } catch (err) {
      if (run.signal.aborted) return
      this.failed = err instanceof ApiError ? { status: err.status, detail: err.detail } : { status: null, detail: String(err) }
    } finally {
      clearTimeout(slow)
      if (this.run === run) {
        this.run = null
        this.el.classList.remove('is-waiting')
        this.draw()
      }
    }
  }

  private draw(): void {
    const { scene, choice: c } = this
    if (!scene || !c) return
    setAttrs(this.el, { lang: scene.lang === 'zh' ? 'zh-Hans' : 'en' })
    replace(this.head,
      h('h2', { class: 'picture-title', text: this.t('picture'), attrs: { id: 'picture-title', tabindex: '-1' } }),
      h('button', { class: 'tool picture-close', attrs: { type: 'button', 'aria-label': this.t('close'), title: this.t('close'), 'data-focus': 'picture close' }, on: { click: () => this.el.close() } }, icon('close')))
    this.drawPreview(c)
    this.drawForm(c)
    this.drawFoot(c)
  }

  private drawPreview(c: Choice): void {
    const size = pixelsOf(c, c.format)
    const text = `${size.width} × ${size.height}`
    replace(this.top, h('span', { text: this.t('previewSame') }), h('span', { text: this.t(c.format === 'png' ? 'sizePixels' : 'sizeVector', { size: text }), attrs: { 'data-testid': 'picture-size' } }))
    const { width, height } = presetOf(c.preset)
    this.image.style.aspectRatio = `${width} / ${height}`
    this.image.alt = this.t('pictureAlt', { title: c.title.trim() || this.scene!.title })
    this.image.hidden = this.failed !== null
    this.said.remove()
    if (this.failed) {
      this.stage.append(this.said)
      const own = this.failed.status !== null && this.failed.status < 500 ? this.failed.detail : ''
      this.said.replaceChildren(h('b', { text: this.t('pictureFailed') }), h('span', { text: own || this.t('pictureFailedHint') }),
        h('button', { class: 'button', text: this.t('retry'), attrs: { type: 'button' }, on: { click: () => { this.shown = ''; this.ask(0) } } }))
    }
    this.drawChecks()
  }

  private drawChecks(): void {
    const { checked } = this
    if (!checked || this.failed) {
      this.checks.replaceChildren()
      return
    }
    const line = (ok: boolean, text: string) => h('span', { class: ok ? 'check is-ok' : 'check is-warn' }, icon(ok ? 'check' : 'alert'), h('span', { text }))
    const lines = [
      checked.missing.length === 0 ? line(true, this.t('glyphsAll')) : line(false, this.t('glyphsMissing', { n: checked.missing.length, list: checked.missing.slice(0, 8).map((c) => `${c} U+${c.codePointAt(0)!.toString(16).toUpperCase()}`).join(', ') })),
      ...(checked.hidden > 0 && this.choice!.parts.has('labels') ? [h('span', { class: 'check' }, icon('info'), h('span', { text: this.t('labelsHidden', { n: plainNumber(checked.hidden) }) }))] : []),
      h('span', { class: 'check is-count', text: this.t(this.scene!.subject.data.isAtlas ? 'pictureHolds' : 'pictureHoldsOther', { n: plainNumber(checked.features) }), attrs: { 'data-features': checked.features } }),
    ]
    this.checks.replaceChildren(...lines)
  }

  private drawForm(c: Choice): void {
    const group = (key: string, label: string, ...inner: (Node | null)[]) => h('div', { class: 'picture-part' },
      h('p', { class: 'picture-label', text: label, attrs: { id: `picture-${key}` } }), h('div', { class: `choices choices-${key}`, attrs: { role: 'group', 'aria-labelledby': `picture-${key}` } }, ...inner))
    const choice = (key: string, value: string, text: string, on: boolean, press: () => void, extra: Node | null = null) => h('button', {
      class: `choice${on ? ' is-on' : ''}`, attrs: { type: 'button', 'aria-pressed': String(on), 'data-choice': value, 'data-focus': `picture ${key} ${value}` }, on: { click: press },
    }, extra, h('span', { text }))
    setAttrs(this.title, { placeholder: this.t('titleOwn') })
    this.titleLabel.textContent = this.t('pictureTitle')
    if (this.title.value !== c.title) this.title.value = c.title
    replace(this.before,
      group('preset', this.t('preset'), ...PRESETS.map((p) => choice('preset', p.key, this.t(PRESET_NAMES[p.key]), c.preset === p.key, () => this.choose({ preset: p.key }), sheet(p.width, p.height)))))
    replace(this.between,
      group('area', this.t('pictureArea'), choice('area', 'view', this.t('areaView'), !c.whole, () => this.choose({ whole: false })), choice('area', 'all', this.t('areaAll'), c.whole, () => this.choose({ whole: true }))),
      group('style', this.t('style'), ...STYLES.map((s) => choice('style', s, this.t(STYLE_NAMES[s]), c.style === s, () => this.choose({ style: s })))),
      group('words', this.t('words'), ...WORDS.map((w) => choice('words', w, this.t(WORD_NAMES[w]), c.words === w, () => this.choose({ words: w })))),
      this.parts(c))
    this.reviewBox.hidden = !c.parts.has('review')
    setAttrs(this.review, { placeholder: 'GS(2024)0650', 'aria-label': this.t('partReview') })
    this.reviewHint.textContent = this.t('reviewHint')
    replace(this.after,
      group('format', this.t('format'), ...FORMATS.map((f) => choice('format', f, f.toUpperCase(), c.format === f, () => this.choose({ format: f })))),
      c.format === 'png' ? this.densities(c) : null,
      h('p', { class: 'hint', text: this.t(FORMAT_HINTS[c.format]) }))
  }

  private parts(c: Choice): HTMLElement {
    const offered = PARTS.filter((p) => p !== 'regions' || this.scene!.subject.data.hasRegions)
    const toggle = (p: Part, on: boolean) => {
      const parts = new Set(c.parts)
      if (on) parts.add(p)
      else parts.delete(p)
      this.choose({ parts })
      if (p === 'review' && on) this.review.focus()
    }
    return h('fieldset', { class: 'picture-part' },
      h('legend', { class: 'picture-label', text: this.t('onPicture') }),
      h('div', { class: 'ticks' }, ...offered.map((p) => {
        const box = h('input', { attrs: { type: 'checkbox', checked: c.parts.has(p), 'data-part': p, 'data-focus': `picture part ${p}` } })
        box.addEventListener('change', () => toggle(p, box.checked))
        return h('label', { class: 'tick' }, box, h('span', { text: this.t(PART_NAMES[p]) }))
      })))
  }

  private densities(c: Choice): HTMLElement {
    const now = densityOf(c)
    const select = h('select', { class: 'field', attrs: { id: 'picture-dpi', 'data-focus': 'picture dpi' }, on: { change: () => this.choose({ dpi: Number(select.value) }) } },
      ...DENSITIES.map((d) => h('option', { text: this.t('dpiOf', { n: d }), attrs: { value: d, selected: d === now, disabled: densityOf({ ...c, dpi: d }) !== d } })))
    return h('div', { class: 'picture-dpi' }, h('label', { text: this.t('dpi'), attrs: { for: 'picture-dpi' } }), select)
  }

  private drawFoot(c: Choice): void {
    const act = (key: string, sign: 'copy' | 'picture', label: MessageKey, press: () => void) => h('button', { class: 'button', attrs: { type: 'button', title: this.t(label), 'data-testid': key, 'data-focus': key }, on: { click: press } }, icon(sign), h('span', { text: this.t(label) }))
    replace(this.foot,
      h('a', {
        class: 'button is-primary picture-take', text: this.t('takeFormat', { format: c.format.toUpperCase() }),
        attrs: { href: this.url(c.format), download: fileName(c.title.trim() || this.scene!.title, c.format), 'data-testid': 'picture-download', 'data-focus': 'picture-download' },
      }),
      h('div', { class: 'picture-copies' }, act('picture-address', 'copy', 'copyAddress', () => void this.copyAddress()), act('picture-clipboard', 'picture', 'copyPicture', () => void this.copyPicture())),
      this.note ? h('p', { class: `picture-note${this.note.bad ? ' is-bad' : ''}`, text: this.t(this.note.key), attrs: { role: 'status', 'data-testid': 'picture-note' } }) : null)
  }

  private async copyAddress(): Promise<void> {
    const done = await copyText(absolute(this.url(this.choice!.format)))
    this.tell(done ? 'addressCopied' : 'addressNotCopied', !done)
  }

  /** Browsers take PNG alone, and only while the press of the button counts: the picture comes after. */
  private async copyPicture(): Promise<void> {
    try {
      const url = this.url('png')
      const png = fetchPicture(url).then((r) => r.blob())
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })])
      this.tell('pictureCopied', false)
    } catch (err) {
      this.tell(err instanceof ApiError ? 'pictureFailedHint' : 'pictureNotCopied', true)
    }
  }

  private tell(key: MessageKey, bad: boolean): void {
    this.note = { key, bad }
    this.draw()
  }
}

export function copyText(text: string): Promise<boolean> {
  return Promise.resolve(navigator.clipboard?.writeText(text)).then(() => navigator.clipboard !== undefined, () => false)
}

/** The shape of a sheet, as large as its share of the greatest. */
function sheet(width: number, height: number): HTMLElement {
  const el = h('span', { class: 'sheet', attrs: { 'aria-hidden': 'true' } })
  const scale = 24 / Math.sqrt(width * height)
  el.style.width = `${Math.round(width * scale)}px`
  el.style.height = `${Math.round(height * scale)}px`
  return el
}
