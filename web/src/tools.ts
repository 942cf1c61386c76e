// The tools on the map: panel (in the middle layout), picture, presentation, download,
// share, language, colours.

import { h, icon, replace } from './dom'
import { DOWNLOADS, downloadUrl } from './download'
import type { Model } from './model'
import type { ShareMenu } from './share'
import type { Store, Work } from './state'
import { hasWork } from './workbench'

interface Acts {
  picture(): void
  scenes(): void
  /** Opens a table of the reader; null where the server reads none. */
  table: (() => void) | null
}

export class Tools {
  readonly el = h('div', { class: 'tools', attrs: { role: 'group' } })
  private readonly menu = h('div', { class: 'menu', attrs: { id: 'download-menu', hidden: true } })
  private model: Model | null = null

  constructor(private readonly store: Store, private readonly share: ShareMenu, readonly acts: Acts) {
    document.addEventListener('click', (e) => {
      if (!e.composedPath().includes(this.el)) this.close()
    })
    this.el.addEventListener('keydown', (e) => {
      const open = !this.menu.hidden ? 'download' : !this.share.el.hidden ? 'share' : null
      if (e.key !== 'Escape' || open === null) return
      e.stopPropagation()
      this.close()
      this.el.querySelector<HTMLElement>(`[data-testid=${open}]`)?.focus()
    })
  }

  update(m: Model): void {
    this.model = m
    this.el.setAttribute('aria-label', m.t('tools'))
    this.drawMenu(m)
    this.share.update(m)
    const tool = (id: string, sign: 'area' | 'table' | 'analysis' | 'compare' | 'picture' | 'present' | 'download' | 'share', label: string, long: string, press: () => void, attrs: Record<string, string | boolean> = {}) => h('button', {
      class: `tool has-text tool-${id}`, attrs: { type: 'button', title: long, 'data-focus': id, 'data-testid': id, ...attrs }, on: { click: press },
    }, icon(sign), h('span', { text: label }))
    replace(this.el,
      h('button', {
        class: 'tool has-text open-panel', attrs: { type: 'button', 'data-focus': 'panel', 'data-testid': 'open-panel', 'aria-expanded': String(m.state.drawer) },
        on: { click: () => this.store.set({ drawer: true }) },
      }, icon('panel'), m.t('openPanel')),
      h('div', { class: 'download' },
        h('div', { class: 'tool-group tool-row' },
          m.data?.box ? tool('area', 'area', m.t('selOpen'), m.t('selOpenLong'), () => this.store.set({ selecting: !m.state.selecting, drawer: !m.state.selecting, tab: 'regions' }), { 'aria-pressed': String(m.state.selecting) }) : null,
          this.acts.table ? tool('table', 'table', m.t('tableOpenShort'), m.t('tableOpenLong'), this.acts.table) : null,
          m.data && hasWork('concentration') ? tool('concentration', 'analysis', m.t('analysis'), m.t('analysisLong'), () => this.work('concentration')) : null,
          m.data && hasWork('compare') ? tool('compare', 'compare', m.t('compareRegions'), m.t('compareRegionsLong'), () => this.work('compare')) : null,
          m.data ? tool('picture', 'picture', m.t('picture'), m.t('pictureLong'), () => this.acts.picture(), { 'aria-haspopup': 'dialog' }) : null,
          m.data ? tool('present', 'present', m.t('present'), m.t('presentLong'), () => { this.close(); this.acts.scenes() }, { 'aria-expanded': String(document.body.classList.contains('has-scenes')), 'aria-controls': 'scenes' }) : null,
          m.data ? tool('download', 'download', m.t('download'), m.t('downloadLong'), () => this.toggle(this.menu.hidden === true), { 'aria-expanded': String(!this.menu.hidden), 'aria-controls': 'download-menu' }) : null,
          tool('share', 'share', m.t('share'), m.t('shareLong'), () => this.toggleShare(this.share.el.hidden === true), { 'aria-expanded': String(!this.share.el.hidden), 'aria-controls': 'share-menu' })),
        this.menu, this.share.el),
      h('div', { class: 'tool-group' },
        h('button', {
          class: 'tool has-text language', text: m.t('otherLanguage'),
          attrs: { type: 'button', lang: m.lang === 'zh' ? 'en' : 'zh', 'aria-label': m.t('otherLanguageLong'), title: m.t('otherLanguageLong'), 'data-focus': 'language', 'data-testid': 'language' },
          on: { click: () => this.store.set({ lang: m.lang === 'zh' ? 'en' : 'zh' }) },
        }),
        h('button', {
          class: 'tool tool-help', text: '?', attrs: { type: 'button', 'aria-label': m.t('help'), title: m.t('help'), 'aria-haspopup': 'dialog', 'data-focus': 'help', 'data-testid': 'help-open' },
          on: { click: () => void import('./help').then(({ openHelp }) => openHelp(m.lang)) },
        }),
        h('button', {
          class: 'tool', attrs: { type: 'button', 'aria-label': m.t(m.theme === 'dark' ? 'toLight' : 'toDark'), title: m.t(m.theme === 'dark' ? 'toLight' : 'toDark'), 'data-focus': 'theme', 'data-testid': 'theme' },
          on: { click: () => this.store.set({ theme: m.theme === 'dark' ? 'light' : 'dark' }) },
        }, icon(m.theme === 'dark' ? 'sun' : 'moon'))))
  }

  private work(work: Work): void {
    this.close()
    this.store.set({ work, about: {}, selected: null, group: null, drawer: false })
  }

  private toggle(open: boolean): void {
    this.close()
    this.menu.hidden = !open
    if (this.model) this.update(this.model)
    if (open) this.menu.querySelector('a')?.focus()
  }

  private toggleShare(open: boolean): void {
    this.close()
    if (!this.model || !open) return
    this.share.open(this.model)
    this.update(this.model)
  }

  private close(): void {
    if (this.menu.hidden && this.share.el.hidden) return
    this.menu.hidden = true
    this.share.close()
    if (this.model) this.update(this.model)
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
}
