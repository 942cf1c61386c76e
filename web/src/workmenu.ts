// The map of an answer as a slide or a picture: the server draws the places of the answer
// as it draws any collection, and the title is the finding.

import { h, icon, replace } from './dom'
import type { Box } from './geojson'
import { boxText } from './query'
import type { Lang } from './schema'

const FORMATS = [{ f: 'pptx', name: 'PowerPoint' }, { f: 'pdf', name: 'PDF' }, { f: 'svg', name: 'SVG' }, { f: 'png', name: 'PNG' }] as const

export interface Slide {
  collection: string
  title: string
  subtitle: string
  box: Box
  dark: boolean
  lang: Lang
}

export function slideUrl(s: Slide, format: string): string {
  const query = {
    collections: s.collection, f: format, bbox: boxText(s.box), width: '1280', height: '720', fit: 'extend', style: s.dark ? 'dark' : 'light', lang: s.lang,
    furniture: 'title,subtitle,legend,scale,source,date', title: s.title, subtitle: s.subtitle, ...(format === 'png' ? { dpi: '192' } : {}),
  }
  return `map?${new URLSearchParams(query)}`
}

export class SlideMenu {
  readonly el = h('div', { class: 'download work-slide' })
  private readonly menu = h('div', { class: 'menu', attrs: { hidden: true } })
  private label = ''
  private long = ''

  /** slide is asked for when the menu opens: the map may have moved. */
  constructor(private readonly slide: () => Slide | null) {
    this.el.addEventListener('keydown', (e) => {
      if (e.key !== 'Escape' || this.menu.hidden) return
      e.preventDefault()
      this.shut()
    })
    this.el.addEventListener('focusout', (e) => {
      if (!this.menu.hidden && !this.el.contains(e.relatedTarget as Node | null) && e.relatedTarget !== null) this.open(false)
    })
  }

  update(label: string, long: string): void {
    this.label = label
    this.long = long
    this.draw()
  }

  private draw(): void {
    const slide = this.menu.hidden ? null : this.slide()
    replace(this.menu, h('p', { class: 'hint', text: this.long }), ...(slide ? FORMATS.map(({ f, name }) => h('a', {
      class: 'menu-item', text: name, attrs: { href: slideUrl(slide, f), download: `${slide.collection.split('~')[0]}.${f}`, 'data-slide': f }, on: { click: () => setTimeout(() => this.shut()) },
    })) : []))
    replace(this.el, h('button', {
      class: 'tool has-text', attrs: { type: 'button', title: this.long, 'aria-expanded': String(!this.menu.hidden), 'data-testid': 'work-slide', 'data-focus': 'work slide' }, on: { click: () => this.open(this.menu.hidden === true) },
    }, icon('picture'), h('span', { text: this.label })), this.menu)
  }

  /** Closes the menu that was worked with, and leaves the focus where it was opened. */
  private shut(): void {
    this.open(false)
    this.el.querySelector<HTMLElement>('button')?.focus()
  }

  private open(open: boolean): void {
    this.menu.hidden = !open
    this.draw()
    if (open) this.menu.querySelector<HTMLElement>('a')?.focus()
  }
}
