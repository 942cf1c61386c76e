// The tools on the map: panel (in the middle layout), share, language, colours.

import { h, icon, replace } from './dom'
import type { Model } from './model'
import type { Store } from './state'

export class Tools {
  readonly el = h('div', { class: 'tools', attrs: { role: 'group' } })
  private copied: boolean | null = null
  private model: Model | null = null

  constructor(private readonly store: Store, private readonly copy: () => Promise<boolean>) {}

  update(m: Model): void {
    this.model = m
    this.el.setAttribute('aria-label', m.t('tools'))
    const share = this.copied === null ? m.t('share') : m.t(this.copied ? 'copied' : 'copyFailed')
    replace(this.el,
      h('button', {
        class: 'tool has-text open-panel', attrs: { type: 'button', 'data-focus': 'panel', 'data-testid': 'open-panel', 'aria-expanded': String(m.state.drawer) },
        on: { click: () => this.store.set({ drawer: true }) },
      }, icon('panel'), m.t('openPanel')),
      h('div', { class: 'tool-group' }, h('button', {
        class: 'tool has-text', attrs: { type: 'button', title: m.t('shareLong'), 'data-focus': 'share', 'data-testid': 'share', 'aria-live': 'polite' },
        on: { click: () => void this.share() },
      }, icon('share'), h('span', { text: share }))),
      h('div', { class: 'tool-group' },
        h('button', {
          class: 'tool has-text language', text: m.t('otherLanguage'),
          attrs: { type: 'button', lang: m.lang === 'zh' ? 'en' : 'zh', 'aria-label': m.t('otherLanguageLong'), title: m.t('otherLanguageLong'), 'data-focus': 'language', 'data-testid': 'language' },
          on: { click: () => this.store.set({ lang: m.lang === 'zh' ? 'en' : 'zh' }) },
        }),
        h('button', {
          class: 'tool', attrs: { type: 'button', 'aria-label': m.t(m.theme === 'dark' ? 'toLight' : 'toDark'), title: m.t(m.theme === 'dark' ? 'toLight' : 'toDark'), 'data-focus': 'theme', 'data-testid': 'theme' },
          on: { click: () => this.store.set({ theme: m.theme === 'dark' ? 'light' : 'dark' }) },
        }, icon(m.theme === 'dark' ? 'sun' : 'moon'))))
  }

  private async share(): Promise<void> {
    this.copied = await this.copy()
    if (this.model) this.update(this.model)
    setTimeout(() => {
      this.copied = null
      if (this.model) this.update(this.model)
    }, 2400)
  }
}
