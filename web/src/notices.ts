// What the page says of itself: loading, empty, error, offline and what is lacking. Each
// says what happened, what still works and what to do.

import { h, icon, replace } from './dom'
import { joinWords, plainNumber } from './format'
import type { MessageKey } from './messages'
import type { Model, Part, Problem, Trouble } from './model'
import { activeFilters } from './naming'
import type { Store } from './state'

interface Acts {
  retry(): void
  reload(): void
  dismiss(): void
}

const PARTS: Record<Part, MessageKey> = { regions: 'partRegions', claims: 'partClaims', places: 'partPlaces', base: 'partBase' }

export class Notices {
  readonly el = h('div', { class: 'notices' })
  private copied = false

  constructor(private readonly store: Store, private readonly acts: Acts) {}

  update(m: Model): void {
    if (!m.status.error) this.copied = false
    const next = this.choose(m)
    // The same notice again would be spoken again.
    if (next?.textContent === this.el.textContent && next?.dataset['notice'] === this.el.querySelector<HTMLElement>('.notice')?.dataset['notice']) return
    replace(this.el, next)
  }

  /** One notice at a time: the one that hinders most. */
  private choose(m: Model): HTMLElement | null {
    if (m.status.error) return this.trouble(m, m.status.error)
    if (m.status.loading?.shown) return loading(m)
    if (m.status.vanished) return notice('vanished', 'info', m.t('vanishedTitle'), [h('p', { text: m.t('vanishedHint') })], [this.dismiss(m, primary)], 'status')
    if (m.status.offline && !m.status.dismissed) return this.offline(m)
    if (m.status.lacking.length > 0 && !m.status.dismissed) return this.lacking(m)
    if (m.data && m.result?.total === 0) return this.empty(m)
    return null
  }

  private trouble(m: Model, trouble: Trouble): HTMLElement {
    const shown = m.data ? m.of(m.data.schema.title) : ''
    switch (trouble.kind) {
      case 'unknown':
        return notice('unknown', 'info', m.t('unknownTitle', { name: trouble.layer }), [h('p', { text: m.t('unknownHint', { shown }) })], [this.dismiss(m, primary)], 'status')
      case 'own':
        return notice('own', 'alert', m.t('ownTitle'), [h('p', { text: m.t('ownHint') })], [
          primary(m.t('reload'), 'reload', () => this.acts.reload()), this.details(m, trouble.problem), m.data ? this.dismiss(m, secondary) : null,
        ], 'alert')
      case 'server':
        return this.server(m, trouble, shown)
    }
  }

  private server(m: Model, trouble: Extract<Trouble, { kind: 'server' }>, shown: string): HTMLElement {
    const layer = m.collections.find((c) => c.id === trouble.layer)
    const name = layer?.['x-title']?.[m.lang] ?? layer?.title ?? trouble.layer ?? ''
    const offline = m.status.offline
    const title = m.t(trouble.layer !== null ? 'layerTitle' : offline ? 'offlineBare' : 'errorTitle', { name })
    const text = trouble.layer !== null ? m.t(offline ? 'layerOffline' : 'layerHint', { shown, n: trouble.tries }) : m.t(m.data ? 'errorKept' : 'errorBare', { n: trouble.tries })
    return notice('error', offline ? 'offline' : 'alert', title, [h('p', { text })], [
      primary(m.t('retry'), 'retry', () => this.acts.retry()),
      offline ? null : this.details(m, trouble.problem),
      m.data ? this.dismiss(m, secondary) : null,
    ], 'alert')
  }

  private lacking(m: Model): HTMLElement {
    const parts = joinWords(m.status.lacking.map((part) => m.t(PARTS[part])), m.lang)
    return notice('lacking', 'info', m.t('lackingTitle', { parts }), [h('p', { text: m.t('lackingHint') })], [
      primary(m.t('retry'), 'retry', () => this.acts.retry()), this.dismiss(m, secondary),
    ], 'status')
  }

  private dismiss(m: Model, button: typeof primary): HTMLElement {
    return button(m.t('dismiss'), 'dismiss', () => this.acts.dismiss())
  }

  private details(m: Model, problem: Problem): HTMLElement {
    return secondary(m.t(this.copied ? 'copiedError' : 'copyError'), 'copy-error', () => void this.copy(m, problem))
  }

  private async copy(m: Model, problem: Problem): Promise<void> {
    const lines = [problem.message, problem.url, `status: ${problem.status ?? '-'}`, problem.detail, new Date().toISOString(), navigator.userAgent]
    this.copied = await navigator.clipboard.writeText(lines.join('\n')).then(() => true, () => false)
    this.update(m)
  }

  private offline(m: Model): HTMLElement {
    return notice('offline', 'offline', m.t('offlineTitle'), [h('p', { text: m.t('offlineHint') })], [primary(m.t('dismiss'), 'dismiss', () => this.acts.dismiss())], 'status')
  }

  private empty(m: Model): HTMLElement {
    const tags = activeFilters(m)
    const title = m.t(m.data!.isAtlas ? 'emptyTitle' : 'emptyTitleOther')
    if (tags.length === 0) return notice('empty', 'filter', title, [h('p', { text: m.t('emptyCollection') })], [], 'status')
    const gains = m.result!.without.filter((w) => w.n > 0).sort((a, b) => b.n - a.n)
    const name = (key: string) => tags.find((t) => t.key === key)?.name ?? key
    const offers = gains.slice(0, 3).map((w, i) => (i === 0 ? primary : secondary)(m.t('dropGives', { name: name(w.key), n: plainNumber(w.n) }), `drop ${w.key}`, () => this.store.drop(w.key)))
    return notice('empty', 'filter', title, [h('p', { text: m.t(gains.length > 0 ? 'emptyHint' : 'emptyNone') })], [
      ...offers, (offers.length > 0 ? secondary : primary)(m.t('clearAll'), 'clear all', () => this.store.clear()),
    ], 'status')
  }
}

function loading(m: Model): HTMLElement {
  const { loaded, matched } = m.status.loading!
  const bar = h('span', { class: 'progress-part' })
  bar.style.width = `${matched > 0 ? Math.max(4, (loaded / matched) * 100) : 8}%`
  return h('div', { class: 'notice is-loading', attrs: { 'data-notice': 'loading', role: 'status' } },
    h('span', { class: 'progress', attrs: { 'aria-hidden': 'true' } }, bar),
    h('div', { class: 'notice-body' },
      h('h2', { class: 'notice-title' }, m.t('loading'), matched > 0 ? h('span', { class: 'hint', text: `${plainNumber(loaded)} / ${plainNumber(matched)}` }) : null),
      h('p', { text: m.t('loadingHint') })))
}

function notice(kind: string, sign: 'alert' | 'filter' | 'offline' | 'info', title: string, body: HTMLElement[], acts: (HTMLElement | null)[], role: 'alert' | 'status'): HTMLElement {
  return h('div', { class: `notice is-${kind}`, attrs: { 'data-notice': kind, role } },
    h('div', { class: 'notice-body' }, icon(sign), h('h2', { class: 'notice-title', text: title }), ...body, acts.length > 0 ? h('div', { class: 'notice-acts' }, ...acts) : null))
}

function primary(label: string, key: string, press: () => void): HTMLElement {
  return h('button', { class: 'button is-primary', text: label, attrs: { type: 'button', 'data-focus': key, 'data-act': key }, on: { click: press } })
}

function secondary(label: string, key: string, press: () => void): HTMLElement {
  return h('button', { class: 'button', text: label, attrs: { type: 'button', 'data-focus': key, 'data-act': key }, on: { click: press } })
}
