// Areas and cells of a collection that the page holds: the server tells once which
// there are, for all features, and the page counts in them what the filters leave. So
// the map has the numbers of the list, and a filter asks for nothing.

import type { Item } from './dataset'
import { contains, normalLongitude, ringsOf, type Box } from './geojson'
import { near, type Area } from './groupread'
import { countParts, middle, project } from './groups'
import { groupName } from './naming'

/** The provinces without prefectures: their districts are directly below them. */
const WHOLE = new Set(['11', '12', '31', '50', '71', '81', '82'])

/** The prefectures without counties: 嘉峪关, 东莞, 中山, 儋州. */
const UNDIVIDED = new Set(['441900', '442000', '460400', '620200'])

/** The division of a level that a code lies in, by the server's own rule; null where the code has none of this level. */
export function divisionOf(adcode: unknown, level: string): string | null {
  const code = String(adcode ?? '')
  if (!/^[1-9]\d{5}$/.test(code)) return null
  const province = `${code.slice(0, 2)}0000`
  const isCounty = !code.endsWith('00')
  switch (level) {
    case 'province':
      return province
    case 'prefecture':
      if (WHOLE.has(code.slice(0, 2))) return province
      if (code.slice(2, 4) === '00') return null
      if (code.slice(2, 4) < '90') return `${code.slice(0, 4)}00`
      return isCounty ? code : null
    case 'county':
      return isCounty || UNDIVIDED.has(code) ? code : null
  }
  return null
}

/** Which of the areas of a cut each item lies in, by the id of the item. What lies in none is in the one without a code. */
export function assign(items: Item[], areas: Area[], by: string, adcode: string | undefined): Map<string, Area> {
  const rest = areas.find((a) => a.code === null)
  const inArea = by.startsWith('hex:') ? cellFinder(areas) : codeFinder(areas, by, adcode)
  const out = new Map<string, Area>()
  for (const item of items) {
    const area = inArea(item) ?? rest
    if (area) out.set(item.id, area)
  }
  return out
}

function codeFinder(areas: Area[], by: string, adcode: string | undefined): (item: Item) => Area | undefined {
  const byCode = new Map(areas.map((a) => [a.code, a]))
  const [kind, name] = by.split(':') as [string, string]
  if (kind === 'region') return (item) => (item.regions.includes(name) ? byCode.get(name) : undefined)
  return (item) => {
    const code = divisionOf(item.feature.properties[adcode ?? ''], name)
    return code === null ? undefined : byCode.get(code)
  }
}

/** Degrees of the squares by which cells are looked up. */
const SQUARE = 2

/** The cell that holds an item; on an edge one of its neighbours, and for what rounding leaves between them the nearest. */
function cellFinder(areas: Area[]): (item: Item) => Area | undefined {
  const squares = new Map<string, Area[]>()
  const square = (v: number) => Math.floor(v / SQUARE)
  const cells = areas.filter((a) => a.geometry !== null)
  for (const cell of cells) {
    const [w, s, e, n] = frameOf(cell)
    for (let x = square(w); x <= square(e); x++) {
      for (let y = square(s); y <= square(n); y++) {
        const key = `${((x % 180) + 180) % 180} ${y}`
        squares.set(key, [...(squares.get(key) ?? []), cell])
      }
    }
  }
  return (item) => {
    const { lon, lat } = item
    if (lon === null || lat === null) return undefined
    const here = squares.get(`${((square(normalLongitude(lon)) % 180) + 180) % 180} ${square(lat)}`) ?? []
    return here.find((a) => contains(a.geometry, near(lon, firstOf(a)), lat)) ?? nearest(here.length > 0 ? here : cells, lon, lat)
  }
}

function nearest(cells: Area[], lon: number, lat: number): Area | undefined {
  const narrow = Math.cos((lat * Math.PI) / 180)
  const distance = (a: Area) => Math.hypot((near(lon, a.lon) - a.lon) * narrow, lat - a.lat)
  return cells.length === 0 ? undefined : cells.reduce((a, b) => (distance(b) < distance(a) ? b : a))
}

/** The longitude of a corner: the others are near it, perhaps beyond 180. */
function firstOf(cell: Area): number {
  return ringsOf(cell.geometry)[0]?.[0]?.[0] ?? cell.lon
}

function frameOf(cell: Area): Box {
  const rings = ringsOf(cell.geometry)
  const lons = rings.flat().map(([x]) => near(x, firstOf(cell)))
  const lats = rings.flat().map(([, y]) => y)
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)]
}

/** The areas with what is left of their items; those without any are left out. A symbol stands on one of its items. */
export function recount(of: Map<string, Area>, items: Item[], middleLon: number): Area[] {
  const held = new Map<Area, Item[]>()
  for (const item of items) {
    const area = of.get(item.id)
    if (!area) continue
    const list = held.get(area)
    if (list) list.push(item)
    else held.set(area, [item])
  }
  return [...held].map(([area, here]) => {
    const spots = here.filter((it) => it.lon !== null).map((it) => ({ id: it.id, lon: near(it.lon!, middleLon), lat: it.lat!, ...project(near(it.lon!, middleLon), it.lat!) }))
    const at = area.geometry === null && spots.length > 0 ? middle(spots) : area
    // The server has no names of counties; the items know theirs.
    const own = area.geometry === null && area.code !== null ? { zh: groupName(here, here[0]!, 'zh'), en: groupName(here, here[0]!, 'en') } : null
    const lons = spots.map((p) => p.lon)
    const lats = spots.map((p) => p.lat)
    return {
      ...area, n: here.length, items: here, members: null, lon: at.lon, lat: at.lat,
      place: own && own.zh !== '' && own.en !== '' ? own : area.place,
      parts: countParts(here.map((it) => ({ key: it.color, n: 1 }))),
      box: spots.length > 0 ? [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)] : area.box,
    }
  })
}
