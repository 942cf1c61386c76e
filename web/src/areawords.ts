// How an area that the reader chose is called.

import type { Area } from './area'
import { plainNumber } from './format'
import { distance } from './geodesic'
import { normalLongitude } from './geojson'
import type { Model } from './model'
import type { Text } from './schema'

/** Names of divisions by code, as the server told them. */
export const divisionTitles = new Map<string, Text>()

/** "23.1 N, 113.3 E 周围 60 千米" */
export function areaWords(m: Model, a: Area): string {
  switch (a.kind) {
    case 'circle':
      return m.t('selCircle', { km: plainNumber(a.km), at: pointText(a.center) })
    case 'lasso':
      return m.t('selLasso')
    case 'box': {
      const [w, s, e, n] = a.box
      const middle = (s + n) / 2
      const width = (e - w) / 360 > 0.5 ? distance([0, middle], [179.9, middle]) * ((e - w) / 179.9) : distance([w, middle], [e, middle])
      return m.t('selBox', { width: km(width), height: km(distance([w, s], [w, n])) })
    }
    case 'region': {
      const region = m.regions.find((r) => r.definitions.some((d) => d.id === a.id))
      const short = region?.definitions.find((d) => d.id === a.id)?.short
      return region && short ? m.t('byDefinition', { region: m.of(region.title), short: m.of(short) }) : a.id
    }
    case 'division': {
      const known = divisionTitles.get(a.code) ?? m.data?.items.flatMap((it) => it.divisions).find((d) => d.code.padEnd(6, '0') === a.code)?.name
      return known ? m.of(known) || a.code : a.code
    }
  }
}

function km(metres: number): string {
  return plainNumber(metres >= 10_000 ? Math.round(metres / 1000) : Math.round(metres / 100) / 10)
}

export function pointText([lon, lat]: [number, number]): string {
  const x = normalLongitude(lon)
  return `${Math.abs(lat).toFixed(2)}°${lat < 0 ? 'S' : 'N'} ${Math.abs(x).toFixed(2)}°${x < 0 ? 'W' : 'E'}`
}
