// The present selection as an address of the server, for taking it home: the
// filters of the page in CQL2, which the server counts and writes by itself.

import { itemsUrl } from './api'
import type { Dataset } from './dataset'
import type { Definitions, Filters } from './filter'
import { selectionOf } from './query'
import type { Lang } from './schema'

export const DOWNLOADS = [
  { f: 'xlsx', name: 'Excel', zip: false },
  { f: 'csv', name: 'CSV', zip: true },
  { f: 'geojson', name: 'GeoJSON', zip: true },
  { f: 'gpkg', name: 'GeoPackage', zip: false },
] as const

export type Download = (typeof DOWNLOADS)[number]

/** The address of the selection in a format, relative to the page. */
export function downloadUrl(data: Dataset, filters: Filters, defs: Definitions, lang: Lang, download: Download): string {
  const query = new URLSearchParams({ f: download.f, download: download.zip ? 'zip' : 'true', lang, ...selectionOf(data, filters, defs) })
  return `${itemsUrl(data.id)}?${query.toString()}`
}
