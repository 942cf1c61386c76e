// The keyboard on what has no element of its own, cells and features of tiles: one
// button that goes from target to target, by distance from the middle of the map.

import L from 'leaflet'
import { h, setAttrs } from './dom'
import type { MapView } from './mapview'

export interface Target {
  key: string
  lat: number
  lon: number
  /** What is spoken. */
  label: string
}

interface Host {
  /** The targets in view, nearest to the middle first; null while the keyboard has elements to go to. */
  targets(): Target[] | null
  press(key: string): void
}

export class Cursor {
  private readonly el = h('div', { class: 'mark mark-cursor', attrs: { role: 'button', tabindex: '-1', 'aria-haspopup': 'dialog', 'data-testid': 'cursor' } })
  private readonly marker: L.Marker
  private at: Target | null = null
  /** The order of the walk; it stays while the map is moved by the walk itself. */
  private order: Target[] = []

  constructor(private readonly view: MapView, private readonly host: Host) {
    this.marker = L.marker([0, 0], { pane: 'marks', keyboard: false, icon: L.divIcon({ html: this.el, className: 'mark-icon', iconSize: [0, 0] }) })
    this.marker.on('click', () => this.at && this.host.press(this.at.key))
    view.map.getContainer().addEventListener('keydown', (e) => this.keys(e), { capture: true })
    this.el.addEventListener('blur', () => setTimeout(() => document.activeElement !== this.el && this.leave()))
  }

  /** Goes away when what it stood on is no longer shown. */
  leave(): void {
    this.at = null
    this.order = []
    this.marker.remove()
  }

  /** Gives focus back to the target of a key. */
  focus(key: string): boolean {
    const target = (this.host.targets() ?? []).find((t) => t.key === key)
    if (target) this.go(target)
    return target !== undefined
  }

  private keys(e: KeyboardEvent): void {
    if (e.ctrlKey || e.metaKey || e.altKey) return
    const by = e.key.toLowerCase() === 'n' ? 1 : e.key.toLowerCase() === 'p' ? -1 : 0
    const on = document.activeElement === this.el && this.at !== null
    if (by === 0 && !(on && (e.key === 'Enter' || e.key === ' '))) return
    const targets = this.host.targets()
    if (targets === null) return
    e.preventDefault()
    e.stopPropagation()
    if (by === 0) {
      this.host.press(this.at!.key)
      return
    }
    if (!on) this.order = targets
    if (this.order.length === 0) return
    const i = this.at ? this.order.findIndex((t) => t.key === this.at!.key) : by > 0 ? -1 : 0
    this.go(this.order[(i + by + this.order.length) % this.order.length]!)
  }

  private go(target: Target): void {
    this.at = target
    setAttrs(this.el, { 'aria-label': target.label })
    this.marker.setLatLng([target.lat, target.lon])
    if (!this.el.isConnected) this.marker.addTo(this.view.map)
    this.el.focus({ preventScroll: true })
    this.view.reveal(target.lat, target.lon)
  }
}
