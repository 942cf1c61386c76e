// Building elements. Text goes in as text; there are no HTML strings, and styles
// are set through the style object, which the content security policy allows.

type Child = Node | string | null | undefined | false

export interface Props {
  class?: string
  text?: string
  attrs?: Record<string, string | number | boolean | null | undefined>
  on?: Partial<{ [K in keyof HTMLElementEventMap]: (e: HTMLElementEventMap[K]) => void }>
}

export function h<K extends keyof HTMLElementTagNameMap>(tag: K, props: Props = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const el = document.createElement(tag)
  if (props.class) el.className = props.class
  if (props.text !== undefined) el.textContent = props.text
  setAttrs(el, props.attrs ?? {})
  for (const [type, listener] of Object.entries(props.on ?? {})) el.addEventListener(type, listener as EventListener)
  append(el, children)
  return el
}

const SVG = 'http://www.w3.org/2000/svg'

export function svg(tag: string, attrs: Record<string, string | number> = {}, ...children: Child[]): SVGElement {
  const el = document.createElementNS(SVG, tag)
  for (const [k, v] of Object.entries(attrs)) el.setAttribute(k, String(v))
  append(el, children)
  return el
}

export function setAttrs(el: Element, attrs: NonNullable<Props['attrs']>): void {
  for (const [k, v] of Object.entries(attrs)) {
    if (v === null || v === undefined || v === false) el.removeAttribute(k)
    else el.setAttribute(k, v === true ? '' : String(v))
  }
}

function append(el: Element, children: Child[]): void {
  for (const c of children) if (c) el.append(c)
}

/** Sets a custom property, e.g. the colour of a family, through the style object. */
export function setVar<E extends HTMLElement | SVGElement>(el: E, name: string, value: string): E {
  el.style.setProperty(name, value)
  return el
}

/** Replaces what is in el and keeps the focus on the element with the same data-focus. */
export function replace(el: Element, ...children: Child[]): void {
  const focused = document.activeElement
  const key = focused && el.contains(focused) ? focused.getAttribute('data-focus') : null
  el.replaceChildren(...children.filter((c): c is Node | string => Boolean(c)))
  if (key === null) return
  for (const candidate of el.querySelectorAll<HTMLElement>('[data-focus]')) {
    if (candidate.dataset['focus'] === key) {
      candidate.focus({ preventScroll: true })
      return
    }
  }
}

/** How much larger than usual the reader has set the text: 1 where it is 16 px. */
export function textScale(): number {
  return parseFloat(getComputedStyle(document.documentElement).fontSize) / 16
}

const ICONS: Record<string, string> = {
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.5 10.5 14 14',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  chevron: 'M4 6l4 4 4-4',
  list: 'M2.5 4h1M2.5 8h1M2.5 12h1M6 4h7.5M6 8h7.5M6 12h7.5',
  forward: 'M6.500 3.500 11 8l-4.500 4.500',
  back: 'M9.5 3.5 5 8l4.5 4.5',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  home: 'M3 7.5 8 3l5 4.5V13H3z',
  share: 'M9 2.5h4.5V7M13.5 2.5 7.5 8.5M11.5 9.5v4h-9v-9h4',
  download: 'M8 2.5v7M5 7l3 3 3-3M3 13.500h10',
  picture: 'M2.500 3.500h11v9h-11zM2.500 10.500l3-3 2.500 2.500 1.500-1.500 4 4M10.300 6.200v.1',
  copy: 'M5.500 5.500h8v8h-8zM3.500 10.500h-1v-8h8v1',
  present: 'M2.500 3h11v7.500h-11zM8 10.500v3M5.500 13.500h5',
  moon: 'M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.500 6.5z',
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.800 0 0 0 0-5.6zM8 1.500v1.300M8 13.200v1.300M1.500 8h1.300M13.200 8h1.300M3.400 3.400l.9.9M11.700 11.700l.9.9M3.400 12.600l.9-.9M11.700 4.300l.9-.9',
  filter: 'M2 4h12M4.500 8h7M6.500 12h3',
  alert: 'M8 2.500 14.500 13.500H1.500zM8 6.500v3M8 11.500v.3',
  info: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 7.200v3.600M8 5v.3',
  offline: 'M2 2l12 12M8 12.500v.3M5.500 10a3.600 3.600 0 0 1 3.500-.9M3.500 7.500A6.500 6.500 0 0 1 6 6M9 5.600a6.500 6.500 0 0 1 3.500 1.900M1.500 5A9.500 9.500 0 0 1 4 3.500M7 2.900a9.500 9.500 0 0 1 7.500 2.100',
  layers: 'M8 2.500 14 6 8 9.500 2 6zM2.500 9 8 12.300 13.500 9',
  panel: 'M2.500 3.500h11v9h-11zM6.500 3.500v9',
  up: 'M4 10l4-4 4 4',
  down: 'M4 6l4 4 4-4',
  check: 'M3 8.500 6.500 12 13 4.500',
  table: 'M2.500 3h11v10h-11zM2.500 6.500h11M2.500 9.800h11M6.500 6.500V13',
  analysis: 'M2.500 13.500h11M4 11.500V8M8 11.500v-9M12 11.500V5.500',
  compare: 'M2.500 3h4.500v10H2.500zM9 3h4.500v10H9z',
  area: 'M2.500 5V2.500H5M11 2.500h2.500V5M13.500 11v2.500H11M5 13.500H2.500V11M5.500 8a2.500 2.500 0 1 0 5 0a2.500 2.500 0 1 0-5 0',
  bin: 'M3 4.500h10M6 4.500v-2h4v2M4.500 4.500l.6 9h5.800l.6-9M6.800 7v4M9.200 7v4',
}

/** A line icon of 16 px; it is decoration beside a text or an accessible name. */
export function icon(name: keyof typeof ICONS): SVGElement {
  return svg('svg', { viewBox: '0 0 16 16', class: 'icon', 'aria-hidden': 'true', focusable: 'false' },
    svg('path', { d: ICONS[name]! }))
}
