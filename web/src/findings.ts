// What an answer means, in plain words. Each sentence is made from one answer of the
// server and from nothing else that is counted.

import { standing } from './charts/dots'
import { word, type Word } from './concentrationwords'
import { joinWords, plainNumber } from './format'
import type { Lang, Text } from './schema'
import type { Answer, Gini, HotSpots, Pairs, Quotient, Quotients } from './statistics'

/** What is spoken of. */
export interface Subject {
  lang: Lang
  /** The trade; null: all features. */
  trade: string | null
  /** Features are clusters of industry. */
  clusters: boolean
  /** The title of what is summed; null: features are counted. */
  sum: string | null
  /** What units of area are called. */
  unit: 'unitProvince' | 'unitPrefecture' | 'unitCounty' | 'unitHexagon'
}

/** So many places a headline names. */
const NAMED = 2

/** The subject in the plural, as it follows a number. */
export function nounOf(s: Subject): string {
  const key: Word = s.clusters ? (s.trade === null ? 'clusterAll' : 'cluster') : s.trade === null ? 'featureAll' : 'feature'
  return word(s.lang, key, { trade: s.trade === null ? '' : s.lang === 'en' ? lowerFirst(s.trade) : s.trade })
}

/** The subject without the Chinese measure word. */
export function bareNoun(s: Subject): string {
  return s.lang === 'zh' ? nounOf(s).replace(/^[个条]/, '') : nounOf(s)
}

/** A title within a sentence; proper names stay as they are. */
const lowerFirst = (t: string) => (/^[A-Z][^A-Z]*$/.test(t) ? t[0]!.toLowerCase() + t.slice(1) : t)

const SUFFIX = /(地区|省|市|盟)$/

/** A unit as a sentence calls it. */
export function placeName(s: Pick<Subject, 'lang'>, u: { key: string; title?: Text | undefined }): string {
  const name = u.title?.[s.lang] ?? ''
  if (name === '') return word(s.lang, 'hexagonNamed', { key: u.key })
  return s.lang === 'zh' && name.length > 2 ? name.replace(SUFFIX, '') : name
}

/** Fewer features of the universe than this, drawn again, say next to nothing. */
const FEWEST = 5

/** The ends of the interval of a unit; null where it says nothing. Of sums the features are not known, and it stays. */
export function intervalOf(u: Pick<Quotient, 'total' | 'low' | 'high' | 'p'>): { low: number | null; high: number | null } {
  return u.p !== null && (u.total ?? 0) < FEWEST ? { low: null, high: null } : { low: u.low, high: u.high }
}

/** The units with the most, those of higher quotient first among equals. */
export function leading(units: Quotient[]): Quotient[] {
  return [...units].filter((u) => (u.value ?? 0) > 0).sort((a, b) => b.value! - a.value! || (b.lq ?? 0) - (a.lq ?? 0))
}

/** What chance would put into units: their value over their quotient. Null where one has no quotient. */
function chanceOf(units: Quotient[]): number | null {
  let sum = 0
  for (const u of units) {
    if (!u.lq) return null
    sum += u.value! / u.lq
  }
  return sum
}

export function headline(s: Subject, a: Answer<Quotients>): string {
  const top = leading(a.result.units).slice(0, NAMED)
  if (a.n > 0 && top.length === 0 && s.sum !== null) return word(s.lang, 'headNoSum', { n: plainNumber(a.n), noun: nounOf(s), measure: s.lang === 'en' ? lowerFirst(s.sum) : s.sum })
  if (a.n === 0 || top.length === 0) return word(s.lang, 'headNone', { noun: bareNoun(s) })
  const places = top.map((u) => placeName(s, u)).join(word(s.lang, 'and'))
  const held = top.reduce((sum, u) => sum + u.value!, 0)
  const all = a.result.units.reduce((sum, u) => sum + (u.value ?? 0), 0)
  const chance = s.trade === null ? null : chanceOf(top)
  const of = word(s.lang, s.clusters ? 'ofCluster' : 'ofFeature')
  if (s.sum !== null) {
    const params = { places, measure: s.lang === 'en' ? lowerFirst(s.sum) : s.sum, noun: bareNoun(s), a: percent(held / all), e: chance === null ? '' : percent(chance / all) }
    return word(s.lang, chance === null ? 'headSpreadSum' : 'headPlacesSum', params)
  }
  const params = { n: plainNumber(a.n), a: plainNumber(held), noun: nounOf(s), places, of, e: chance === null ? '' : about(chance) }
  return word(s.lang, chance === null ? 'headSpread' : 'headPlaces', params)
}

/** Whether the first place is beyond chance: by its p, corrected for all places. Sums have none. */
export function surePlace(s: Subject, a: Answer<Quotients>): string {
  const first = leading(a.result.units)[0]
  if (s.trade === null || !first || first.lq === null) return ''
  const params = { place: placeName(s, first), lq: decimal(first.lq), low: decimal(first.low), high: decimal(first.high), p: small(first.p_adjusted) }
  if (first.p_adjusted === null) return first.low === null || first.high === null ? '' : word(s.lang, 'sumPlace', params)
  const kind = standing({ value: first.lq, low: null, high: null, p: first.p_adjusted })
  return word(s.lang, ({ more: 'surePlace', less: 'lessPlace', even: 'unsurePlace' } as const)[kind], params)
}

export function hotWords(s: Subject, a: Answer<HotSpots>): string {
  const { hot, q, in_hot: held } = a.result
  const params = { q: plainNumber(q * 100), n: plainNumber(a.n), a: plainNumber(held.count), hot: plainNumber(hot), noun: nounOf(s), of: word(s.lang, s.clusters ? 'ofCluster' : 'ofFeature') }
  const known = a.result.units?.some((u) => u.z !== null) ?? true
  if (a.n === 0 || !known) return ''
  return word(s.lang, hot === 0 ? 'hotNone' : held.count > 0 ? 'hotSome' : 'hotAround', { ...params, bare: bareNoun(s) })
}

export function spreadWords(s: Subject, a: Answer<Gini>): string {
  const { half, units } = a.result
  if (!half || a.result.gini === null) return ''
  const noun = s.sum === null ? bareNoun(s) : s.lang === 'zh' ? `${bareNoun(s)}的${s.sum}` : `${lowerFirst(s.sum)} of ${nounOf(s)}`
  return word(s.lang, 'spreadHalf', { noun, verb: s.sum === null ? 'are' : 'is', units: plainNumber(half.units), all: plainNumber(units), unit: word(s.lang, s.unit, { n: units }) })
}

/** Where the curve lies above its band, from and to, in the order of distances. */
export function runsAbove(r: Pairs): [number, number][] {
  const runs: [number, number][] = []
  let open = false
  r.kd.forEach((v, i) => {
    const above = v > r.high[i]!
    if (above && !open) runs.push([r.distance_km[i]!, r.distance_km[i]!])
    else if (above) runs.at(-1)![1] = r.distance_km[i]!
    open = above
  })
  return runs
}

export function pairWords(s: Subject, a: Answer<Pairs>): string {
  const r = a.result
  if (r.localised === null || r.kd.length === 0) return ''
  const p = { p: small(r.p) }
  const runs = runsAbove(r).filter(([from, to]) => to > from)
  if (r.localised && runs.length > 0) return word(s.lang, 'nearer', { ...p, runs: runs.map((run) => run.map(kilometres).join('–')).join(word(s.lang, 'and')) })
  if (r.localised) return word(s.lang, 'nearerSome', p)
  return word(s.lang, r.dispersed ? 'farther' : 'neither', { p: small(r.dispersed ? r.p_dispersed : r.p) })
}

/** A number by chance: whole where it is large, else with one decimal. */
function about(v: number): string {
  return v >= 10 ? plainNumber(Math.round(v)) : plainNumber(Math.round(v * 10) / 10)
}

export function percent(v: number | null): string {
  if (v === null) return '–'
  return `${plainNumber(Math.round(v * 1000) / 10)}%`
}

export function decimal(v: number | null): string {
  if (v === null) return '–'
  return v >= 10 ? plainNumber(Math.round(v)) : v >= 2 ? plainNumber(Math.round(v * 10) / 10) : plainNumber(Math.round(v * 100) / 100)
}

/** A p, which is never nothing. */
export function small(p: number | null): string {
  if (p === null) return 'p –'
  return p < 0.001 ? 'p < 0.001' : `p = ${Math.round(p * (p < 0.01 ? 1000 : 100)) / (p < 0.01 ? 1000 : 100)}`
}

const kilometres = (v: number) => plainNumber(Math.round(v))

/** The parameters of an answer in force, as they stand in an address. */
export function parameterWords(parameters: Record<string, unknown>, lang: Lang): string {
  const shown = Object.entries(parameters).filter(([, v]) => v !== null && v !== undefined && v !== '')
  return joinWords(shown.map(([k, v]) => `${k}=${typeof v === 'object' ? JSON.stringify(v) : String(v)}`), lang)
}
