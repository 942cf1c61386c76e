// The tools on the map: panel (in the middle layout), download, share, language,
// colours.

import { h, icon, replace } from './dom'
import { DOWNLOADS, downloadUrl } from './download'
import type { Model } from './model'
import type { Store } from './state'

export class Tools {
  readonly el = h('div', { class: 'tools', attrs: { role: 'group' } })
  private readonly menu = h('div', { class: 'menu', attrs: { id: 'download-menu', hidden: true } })
  private copied: boolean | null = null
  private model: Model | null = null

  constructor(private readonly store: Store, private readonly copy: () => Promise<boolean>, private readonly picture: () => void) {
    document.addEventListener('click', (e) => {
      if (!this.menu.hidden && !e.composedPath().includes(this.el)) this.toggle(false)
    })
    this.el.addEventListener('keydown', (e) => {
      if (e.key !== 'Escape' || this.menu.hidden) return
      e.stopPropagation()
      this.toggle(false)
      this.el.querySelector<HTMLElement>('[data-testid=download]')?.focus()
    })
  }

  update(m: Model): void {
    this.model = m
    this.el.setAttribute('aria-label', m.t('tools'))
    this.drawMenu(m)
    const share = this.copied === null ? m.t('share') : m.t(this.copied ? 'copied' : 'copyFailed')
    replace(this.el,
      h('button', {
        class: 'tool has-text open-panel', attrs: { type: 'button', 'data-focus': 'panel', 'data-testid': 'open-panel', 'aria-expanded': String(m.state.drawer) },
        on: { click: () => this.store.set({ drawer: true }) },
      }, icon('panel'), m.t('openPanel')),
      h('div', { class: 'tool-group', attrs: { hidden: m.data === null } }, h('button', {
        class: 'tool has-text', attrs: { type: 'button', title: m.t('pictureLong'), 'aria-haspopup': 'dialog', 'data-focus': 'picture', 'data-testid': 'picture' },
        on: { click: () => this.picture() },
      }, icon('picture'), h('span', { text: m.t('picture') }))),
      h('div', { class: 'download', attrs: { hidden: m.data === null } },
        h('div', { class: 'tool-group' }, h('button', {
          class: 'tool has-text', attrs: {
            type: 'button', title: m.t('downloadLong'), 'data-focus': 'download', 'data-testid': 'download',
            'aria-expanded': String(!this.menu.hidden), 'aria-controls': 'download-menu',
          },
          on: { click: () => this.toggle(this.menu.hidden === true) },
        }, icon('download'), h('span', { text: m.t('download') }))),
        this.menu),
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

  private toggle(open: boolean): void {
    this.menu.hidden = !open
    if (this.model) this.update(this.model)
    if (open) this.menu.querySelector('a')?.focus()
  }

  /** What would be downloaded, and in which formats. */
  private drawMenu(m: Model): void {
    const data = m.data
    if (!data || this.menu.hidden) return
    replace(this.menu,
      h('p', { class: 'hint', text: m.t('downloadWhat') }),
      ...DOWNLOADS.map((d) => h('a', {
        class: 'menu-item', attrs: { href: downloadUrl(data, m.state, m.defs, m.lang, d), download: '', 'data-download': d.f, 'data-focus': `download ${d.f}` },
        on: { click: () => setTimeout(() => this.toggle(false)) },
      }, icon('download'), h('span', { text: d.name }), h('span', { class: 'hint', text: m.t(d.zip ? 'downloadZip' : 'downloadSheet') }))))
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
