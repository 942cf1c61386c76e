// What choosing a suggestion of the search does: a feature opens, a trade or another
// value filters, a region opens its row, a place is flown to and marked.

import L from 'leaflet'
import type { Found } from './api'
import type { Dataset, Item } from './dataset'
import { h } from './dom'
import type { MapView } from './mapview'
import type { Model } from './model'
import type { Store } from './state'

/** At which a place is looked at, by what it is. */
const ZOOMS: Record<string, number> = { province: 6, prefecture: 8, county: 10, town: 12 }
const FEATURE_ZOOM = 10

export class FoundThings {
  private pin: L.Marker | null = null

  constructor(private readonly view: MapView, private readonly store: Store, private readonly open: (item: Item) => void) {
    view.map.createPane('found').classList.add('found-pane')
  }

  follow(f: Found, m: Model): void {
    this.pin?.remove()
    this.pin = null
    this.store.set({ text: '' })
    if (f.kind === 'feature') this.feature(f, m)
    else if (f.kind === 'region') this.region(f, m)
    else if (f.kind === 'place') this.place(f, m)
    else if (m.data) {
      const choice = choiceOf(f, m.data)
      if (choice) this.store.choose(choice.facet, [...new Set([...(m.state.chosen[choice.facet] ?? []), choice.option])])
      else this.store.set({ text: f.title[m.lang] ?? f.value ?? '' })
    }
  }

  private feature(f: Found, m: Model): void {
    const item = m.data?.byId.get(f.id!)
    if (item) this.open(item)
    else {
      this.store.set({ selected: f.id!, group: null, drawer: false })
      if (f.point) this.fly(f.point, FEATURE_ZOOM)
    }
  }

  private region(f: Found, m: Model): void {
    const region = m.shownRegions.find((r) => r.key === f.region)
    const box = region?.definitions.find((d) => d.id === f.id)?.box ?? region?.fallback.box ?? null
    this.store.set({ region: f.region!, tab: 'regions', snap: 'half', drawer: false })
    if (box) this.store.set({ flight: { box, point: null, zoom: null, n: this.view.nextFlight() } })
  }

  private place(f: Found, m: Model): void {
    if (!f.point) return
    const name = f.title[m.lang] || f.title.zh || f.title.en || ''
    this.fly(f.point, ZOOMS[f.level ?? ''] ?? FEATURE_ZOOM)
    const el = h('span', { class: 'found-pin', attrs: { 'data-testid': 'found-pin' } }, h('span', { class: 'found-name', text: name }))
    this.pin = L.marker([f.point[1], f.point[0]], { icon: L.divIcon({ html: el, className: 'found-icon', iconSize: [0, 0] }), pane: 'found', interactive: false, keyboard: false }).addTo(this.view.map)
  }

  private fly(point: [number, number], zoom: number): void {
    this.store.set({ drawer: false, snap: 'low', flight: { box: null, point, zoom, n: this.view.nextFlight() } })
  }
}

/** The facet and option by which a value that was found filters; null where there is none. */
export function choiceOf(f: Pick<Found, 'kind' | 'property' | 'value'>, data: Dataset): { facet: string; option: string } | null {
  const category = data.schema.category?.name === f.property
  const keys = f.kind === 'group' || category ? ['family', `p.${f.property}`] : [`p.${f.property}`]
  for (const facet of keys) {
    if (data.facets.find((x) => x.key === facet)?.options.some((o) => o.key === f.value)) return { facet, option: f.value! }
  }
  return null
}
