// The report about what the workbench shows: its address on the server, and the menu
// that opens it as a page, a document or slides.

import { h, replace } from './dom'
import type { Filters } from './filter'
import { REGION_FACET } from './filter'
import type { Model } from './model'
import { selectionOf } from './query'
import type { Text } from './schema'
import { EVERYTHING, tradeOf, tradesOf } from './trade'

export const REPORT_FORMATS = ['html', 'pdf', 'pptx'] as const
export type ReportFormat = (typeof REPORT_FORMATS)[number]

const WORDS = {
  report: { zh: '生成报告', en: 'Report' },
  html: { zh: '网页', en: 'Page' },
  pdf: { zh: 'PDF', en: 'PDF' },
  pptx: { zh: '幻灯片 PPTX', en: 'Slides PPTX' },
} satisfies Record<string, Text>

/** What a report is about. */
export type ReportSubject = { region: string; title: Text } | { trade: string; title: Text }

/** The subjects of the view: the regions that are compared, or the trade that is studied. */
export function reportSubjects(m: Model): ReportSubject[] {
  const { data } = m
  if (!data) return []
  if (m.state.work === 'compare') {
    const all = m.shownRegions.flatMap((r) => r.definitions.map((d) => ({ id: d.id, title: r.title, short: d.short })))
    const named = (m.state.about['cmp'] ?? '').split(',').flatMap((id) => all.find((d) => d.id === id) ?? [])
    const shown = named.length >= 2 ? named : m.shownRegions.slice(0, 2).map((r) => {
      const d = r.definitions.find((d) => d.id === m.defs[r.key]) ?? r.fallback
      return { id: d.id, title: r.title, short: d.short }
    })
    return shown.map((d) => ({ region: d.id, title: { zh: `${d.title.zh}（${d.short.zh}）`, en: `${d.title.en} (${d.short.en})` } }))
  }
  const trade = tradeOf(m, data, tradesOf(data))
  if (trade.key === EVERYTHING || !trade.title) return []
  // A family may be called as one of its trades.
  const family = !trade.key.startsWith('=') && (data.schema.category?.groups.length ?? 0) > 0
  return [{ trade: family ? `family:${trade.key}` : trade.key.replace(/^=/, ''), title: trade.title }]
}

/** The address of a report with the filters in force, but those for what it is about. */
export function reportUrl(m: Model, subject: ReportSubject, format: ReportFormat): string {
  const data = m.data!
  const apart = new Set('region' in subject ? [REGION_FACET] : ['family', `p.${data.schema.category?.name}`])
  const chosen: Filters['chosen'] = Object.fromEntries(Object.entries(m.state.chosen).filter(([key]) => !apart.has(key)))
  const about = 'region' in subject ? { region: subject.region } : { trade: subject.trade }
  const query = new URLSearchParams({ ...about, ...selectionOf(data, { ...m.state, chosen }, m.defs), lang: m.lang, f: format })
  return `collections/${encodeURIComponent(data.id)}/report?${query.toString()}`
}

export class ReportMenu {
  private readonly summary = h('summary', { class: 'button', attrs: { 'data-testid': 'work-report', 'data-focus': 'work report' } })
  private readonly list = h('ul', { class: 'work-report-list' })
  readonly el = h('details', { class: 'work-report' }, this.summary, this.list)
  private shown = ''

  constructor() {
    const shut = () => { this.el.open = false }
    const leave = () => {
      shut()
      this.summary.focus()
    }
    this.el.addEventListener('keydown', (e) => {
      if (e.key !== 'Escape' || !this.el.open) return
      e.preventDefault()
      leave()
    })
    this.el.addEventListener('focusout', (e) => e.relatedTarget instanceof Node && !this.el.contains(e.relatedTarget) && shut())
    this.list.addEventListener('click', leave)
  }

  update(m: Model): void {
    const subjects = reportSubjects(m)
    this.el.hidden = subjects.length === 0
    const links = subjects.flatMap((s) => REPORT_FORMATS.map((f) => ({ s, f, url: reportUrl(m, s, f) })))
    const now = m.lang + links.map((l) => l.url).join(' ')
    if (now === this.shown) return
    this.shown = now
    this.summary.textContent = WORDS.report[m.lang]
    const one = ({ s, f, url }: (typeof links)[number]) => {
      const target = f === 'html' ? { target: '_blank', rel: 'noopener' } : { download: '' }
      return h('a', { text: WORDS[f][m.lang], attrs: { href: url, 'data-report': f, 'aria-label': `${m.of(s.title)} · ${WORDS[f][m.lang]}`, ...target } })
    }
    replace(this.list, ...subjects.map((s) => h('li', {}, h('span', { class: 'work-report-of', text: m.of(s.title) }), h('span', { class: 'work-report-forms' }, ...links.filter((l) => l.s === s).map(one)))))
  }
}
