// Movement between zooms: what parts flies out of the group that it was in, what
// joins flies into the group that takes it in.

import type { Box } from './geojson'
import type { Sign } from './signs'

/** A sign where it stands, in pixels of the map. */
export interface Placed {
  x: number
  y: number
  sign: Pick<Sign, 'key' | 'n' | 'lat' | 'lon' | 'box'>
}

const FLIGHT_MS = 240
/** Farther than this, in pixels, nothing flies. */
const REACH = 400
/** More than this at once are too many to follow, and to draw. */
const MOST = 400

/** For each sign the one among others with which it shares members: the nearest larger one around it. */
export function flights(signs: Placed[], others: Placed[]): Map<string, Placed> {
  const out = new Map<string, Placed>()
  if (signs.length > MOST) return out
  const groups = others.filter((o) => o.sign.n > 1)
  for (const s of signs) {
    let best: Placed | null = null
    let least = REACH
    for (const o of groups) {
      if (o.sign.key === s.sign.key || o.sign.n <= s.sign.n || !holds(o.sign.box, s.sign)) continue
      const d = Math.hypot(o.x - s.x, o.y - s.y)
      if (d < least) [best, least] = [o, d]
    }
    if (best) out.set(s.sign.key, best)
  }
  return out
}

function holds([w, s, e, n]: Box, { lon, lat }: { lon: number; lat: number }): boolean {
  return lon >= w && lon <= e && lat >= s && lat <= n
}

interface Point {
  x: number
  y: number
}

export function flyIn(el: HTMLElement, from: Point, to: Point): void {
  el.animate([
    { transform: `translate(${from.x - to.x}px, ${from.y - to.y}px) scale(0.6)`, opacity: 0 }, { transform: 'none', opacity: 1 },
  ], { duration: FLIGHT_MS, easing: 'cubic-bezier(0.2, 0, 0, 1)' })
}

/** The element stays for the flight, out of reach, and is then done. */
export function flyOut(el: HTMLElement, from: Point, to: Point, done: () => void): void {
  el.inert = true
  el.setAttribute('aria-hidden', 'true')
  for (const one of [el, ...el.querySelectorAll('.mark')]) {
    one.classList.remove('mark')
    one.classList.add('is-leaving')
    for (const hook of ['data-group', 'data-feature-id']) one.removeAttribute(hook)
  }
  const flight = el.animate([
    { transform: 'none', opacity: 1 }, { transform: `translate(${to.x - from.x}px, ${to.y - from.y}px) scale(0.6)`, opacity: 0 },
  ], { duration: FLIGHT_MS, easing: 'cubic-bezier(0.2, 0, 0, 1)', fill: 'forwards' })
  flight.onfinish = flight.oncancel = done
}
