// What "Share" offers: the link, the map for another page, and images that follow the
// data or stay as they are.

import { absolute, fetchPicture } from './api'
import { h, icon, replace } from './dom'
import type { MessageKey } from './messages'
import type { Model } from './model'
import { firstChoice, pictureUrl, readChecks, type Subject } from './picture'
import { copyText } from './picturedialog'
import { toHash, type State } from './state'

/** The state of the page as the query of the map for another page. */
export function embedUrl(s: State): string {
  const query = toHash({ ...s, scenes: [], playing: null, tab: 'regions' }).slice(1)
  return absolute(query === '' ? 'embed' : `embed?${query}`)
}

export function embedCode(s: State, title: string): string {
  const text = (t: string) => t.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
  return `<iframe src="${text(embedUrl(s))}" width="800" height="500" style="border:0" title="${text(title)}" loading="lazy" allowfullscreen></iframe>`
}

export class ShareMenu {
  readonly el = h('div', { class: 'menu share-menu', attrs: { id: 'share-menu', hidden: true } })
  private rev: { url: string; rev: string } | null = null
  private copied: { what: string; done: boolean } | null = null
  private model: Model | null = null

  constructor(private readonly subject: () => Subject | null, private readonly title: () => string) {}

  open(m: Model): void {
    this.el.hidden = false
    this.copied = null
    this.update(m)
    void this.pin()
    this.el.querySelector<HTMLElement>('button')?.focus()
  }

  close(): void {
    this.el.hidden = true
  }

  update(m: Model): void {
    this.model = m
    if (this.el.hidden) return
    const image = this.image(m)
    const row = (what: string, name: MessageKey, hint: MessageKey, value: string) => {
      const copied = this.copied?.what === what ? this.copied : null
      const field = h('input', { class: 'field', attrs: { type: 'text', readonly: true, value, 'aria-label': m.t(name), 'data-share': what, 'data-focus': `share field ${what}` }, on: { focus: () => field.select() } })
      return h('div', { class: 'share-row' },
        h('p', { class: 'share-name', text: m.t(name) }), h('p', { class: 'hint', text: m.t(hint) }),
        h('div', { class: 'share-line' }, field, h('button', {
          class: 'button', attrs: { type: 'button', 'aria-label': `${m.t('copy')}: ${m.t(name)}`, 'data-copy': what, 'data-focus': `share ${what}` }, on: { click: () => void this.copy(what, value) },
        }, icon(copied?.done ? 'check' : 'copy'), h('span', { text: m.t(copied ? (copied.done ? 'copiedError' : 'copyByHand') : 'copy') }))))
    }
    const pinned = image !== null && this.rev?.url === image ? `${absolute(image)}&rev=${this.rev.rev}` : ''
    replace(this.el,
      row('link', 'shareLink', 'shareLinkHint', location.href),
      row('embed', 'shareEmbed', 'shareEmbedHint', embedCode(m.state, this.title())),
      image === null ? null : row('image', 'shareImage', 'shareImageHint', absolute(image)),
      pinned === '' ? null : row('pinned', 'sharePinned', 'sharePinnedHint', pinned))
  }

  private image(m: Model): string | null {
    const subject = this.subject()
    return subject && pictureUrl(subject, { ...firstChoice(m.lang, m.theme === 'dark', m.state.view === null), format: 'png', dpi: 96 }, 'png')
  }

  /** Asks of which state the image is now. */
  private async pin(): Promise<void> {
    const url = this.model && this.image(this.model)
    if (!url || this.rev?.url === url) return
    const answer = await fetchPicture(url).catch(() => null)
    const rev = answer ? readChecks((name) => answer.headers.get(name)).rev : ''
    if (rev === '') return
    this.rev = { url, rev }
    if (this.model) this.update(this.model)
  }

  private async copy(what: string, value: string): Promise<void> {
    const done = await copyText(value)
    this.copied = { what, done }
    if (!done) this.el.querySelector<HTMLInputElement>(`[data-share="${what}"]`)?.select()
    if (this.model) this.update(this.model)
  }
}
