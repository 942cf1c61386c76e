// The figures and quotes of a card.

import type { Item } from './dataset'
import { h, icon, setVar } from './dom'
import { bigNumber } from './format'
import type { Model } from './model'
import { claimsNear } from './regions'

type Entry = Record<string, unknown>

/** Every figure of the source, large, with unit and what it measures. */
export function figures(m: Model, item: Item): HTMLElement | null {
  const list = records(item.feature.properties['figures'])
  if (list.length === 0) return null
  return h('div', { class: 'figures' }, ...list.map((f) => figure(m, item, f)))
}

function figure(m: Model, item: Item, f: Entry): HTMLElement {
  const value = f['value']
  const unit = string(f[`unit_${m.lang}`]) || unitOf(string(f['unit']))
  const { measure, sign } = limited(string(f[`measure_${m.lang}`]) || string(f['measure']).replace(/_/g, ' '))
  const remarks = [
    typeof f['year'] === 'number' ? String(f['year']) : '',
    string(f['text']) && m.lang === 'zh' ? m.t('asSource', { text: string(f['text']) }) : '',
    string(f['cited']) ? m.t('cited', { who: string(f['cited']) }) : '',
  ].filter(Boolean)
  const shown = typeof value === 'number' ? bigNumber(value, m.lang) : { number: string(f['text']), unit: '' }
  const percent = unit === '%' && typeof value === 'number'
  return h('div', { class: 'figure' },
    h('p', { class: 'figure-value' }, h('b', { text: `${sign}${shown.number}` }), unitTail(shown.unit, unit, m)),
    h('p', { class: 'figure-name', text: sentence(measure, m) }),
    percent ? share(m, item, value) : null,
    remarks.length > 0 ? h('p', { class: 'hint', text: remarks.join(m.lang === 'zh' ? '；' : '; ') }) : null)
}

/** "history, more than" measures history and its number is a lower limit. */
function limited(measure: string): { measure: string; sign: string } {
  const m = /^(.*?)\s*[,，]\s*(more than|over|超过|nearly|about|接近|约)$/.exec(measure)
  if (!m) return { measure, sign: '' }
  return { measure: m[1]!, sign: /more than|over|超过/.test(m[2]!) ? '> ' : '≈ ' }
}

function unitTail(scale: string, unit: string, m: Model): HTMLElement | null {
  const tail = m.lang === 'zh' ? `${scale}${unit}` : [scale, unit].filter(Boolean).join(' ')
  return tail ? h('span', { class: `figure-unit${tail === '%' ? ' is-tight' : ''}`, text: tail }) : null
}

function share(m: Model, item: Item, value: number): HTMLElement {
  const part = setVar(h('span', { class: 'share-part' }), '--c', `var(--fam-${m.token(item)})`)
  part.style.width = `${Math.max(0, Math.min(100, value))}%`
  return h('span', { class: 'share', attrs: { 'aria-hidden': 'true' } }, part)
}

function sentence(text: string, m: Model): string {
  return m.lang === 'en' ? text.charAt(0).toUpperCase() + text.slice(1) : text
}

/** The exact quote, in English with our translation, and where it stands. */
export function quotes(m: Model, item: Item): HTMLElement | null {
  const p = item.feature.properties
  const listed = records(p['sources']).filter((s) => string(s['quote']) !== '')
  const list = listed.length > 0 ? listed : typeof p['quote'] === 'string' && p['quote'] !== '' ? [p] : []
  if (list.length === 0) return null
  return h('div', { class: 'quotes' }, ...list.map((s) => quote(m, s)))
}

function quote(m: Model, s: Entry): HTMLElement {
  const english = m.lang === 'en' ? string(s['quote_en']) : ''
  const where = [localized(s, 'document', m), localized(s, 'article', m), localized(s, 'section', m)].filter(Boolean)
  const pages = string(s['pages'])
  if (pages) where.push(m.t('pages', { pages }))
  const url = string(s['url'])
  return h('figure', { class: 'quote' },
    h('blockquote', { class: 'quote-text', text: `“${string(s['quote'])}”`, attrs: { lang: 'zh' } }),
    english ? h('p', { class: 'quote-en' }, english, h('span', { class: 'hint', text: m.t('ourTranslation') })) : null,
    h('figcaption', { class: 'quote-where' }, ...where.map((w) => h('span', { text: w })),
      /^https?:\/\//.test(url) ? h('a', { class: 'link', text: url, attrs: { href: url, rel: 'noreferrer' } }) : null))
}

function localized(s: Entry, key: string, m: Model): string {
  return (m.lang === 'en' ? string(s[`${key}_en`]) : '') || string(s[key])
}

/** What else the book says of the cluster and its province, folded away. */
export function context(m: Model, item: Item): HTMLElement | null {
  const province = string(item.feature.properties[`province_${m.lang}`])
  const own = new Set(records(item.feature.properties['sources']).map((s) => s['quote']))
  const claims = claimsNear(m.claims, item.id, string(item.feature.properties['adcode']).slice(0, 2)).filter((c) => !own.has(c.quote))
  if (!m.data!.isAtlas || claims.length === 0) return null
  return h('details', { class: 'fold card-context' },
    h('summary', { attrs: { 'data-focus': 'context' } }, h('span', { text: m.t('bookNear', { province, n: claims.length }) }), icon('chevron')),
    ...claims.map((c) => quote(m, { quote: c.quote, quote_en: c.quoteEn, section: c.section.zh, section_en: c.section.en })))
}

/** Unit codes that people do not write. */
function unitOf(code: string): string {
  return code === '1' ? '' : code
}

export function records(v: unknown): Entry[] {
  return Array.isArray(v) ? v.filter((x): x is Entry => typeof x === 'object' && x !== null && !Array.isArray(x)) : []
}

export function string(v: unknown): string {
  return typeof v === 'string' ? v : ''
}
