// What the comparison of regions says: its labels, and sentences that are each made from
// one answer of the statistics.

import { joinWords, plainNumber } from './format'
import type { Lang, Text } from './schema'

const WORDS = {
  add: { zh: '添加地区', en: 'Add a region' },
  remove: { zh: '移除{name}', en: 'Remove {name}' },
  definition: { zh: '{name}按哪种定义', en: 'Definition of {name}' },
  sameScale: { zh: '同一比例尺', en: 'Same scale' },
  mapOf: { zh: '{name}的地图：箭头移动，加减缩放，N 和 P 在集群间移动，回车打开', en: 'Map of {name}: arrows pan, + and − zoom, N and P go from mark to mark, Enter opens' },
  composition: { zh: '构成与区位商', en: 'Composition and location quotient' },
  by: { zh: '按什么构成', en: 'Composition by' },
  byFamily: { zh: '行业门类', en: 'Trade family' },
  byTrade: { zh: '行业', en: 'Trade' },
  byLevel: { zh: '级别', en: 'Level' },
  byOrigin: { zh: '成因', en: 'Origin' },
  count: { zh: '{name}，个', en: '{name}, count' },
  quotient: { zh: '{name}，区位商', en: '{name}, LQ' },
  sortBy: { zh: '按“{name}”排序', en: 'Sort by {name}' },
  chart: { zh: '区位商', en: 'Location quotient' },
  krugman: { zh: '{a}与{b}：克鲁格曼指数 {k}，即有 {p} 的构成不同', en: '{a} and {b}: Krugman index {k}; {p} of the one would have to change its trade to be like the other' },
  krugmanLead: { zh: '克鲁格曼指数，括号里是构成不同的份额：', en: 'Krugman index, and the part of the one that would have to change its trade to be like the other:' },
  krugmanShort: { zh: '{a}与{b}：{k}（{p}）', en: '{a} and {b}: {k} ({p})' },
  strip: { zh: '换一种定义，结论还在吗', en: 'Does it survive another definition?' },
  stripOf: { zh: '比较什么', en: 'What is compared' },
  ofCount: { zh: '个数', en: 'Count' },
  ofShare: { zh: '占全部的份额', en: 'Share of all' },
  ofLq: { zh: '区位商', en: 'Location quotient' },
  how: { zh: '怎样算的', en: 'How computed' },
  universe: { zh: '总体', en: 'Universe' },
  parameters: { zh: '参数', en: 'Parameters' },
  source: { zh: '出处', en: 'Source' },
  caution: { zh: '注意', en: 'Be careful' },
  method: { zh: '方法说明', en: 'About the method' },
  state: { zh: '数据版本', en: 'State of the data' },
  none: { zh: '这份数据里的要素没有区划代码，不知道属于哪个地区，无从比较。', en: 'The features of these data have no division codes, so which region they belong to is not known: there is nothing to compare.' },
  filtered: { zh: '现有筛选照样有效，地区筛选除外。', en: 'The filters in force hold here too, but for that by region.' },
  failed: { zh: '统计没有算成：{why}', en: 'The statistics did not come: {why}' },
  rows: { zh: '表格（CSV）', en: 'Table (CSV)' },
  home: { zh: '{name}全境', en: 'All of {name}' },
  zoomIn: { zh: '{name}：放大', en: '{name}: zoom in' },
  zoomOut: { zh: '{name}：缩小', en: '{name}: zoom out' },
  quotientsHow: { zh: '区位商的算法', en: 'About location quotients' },
  retry: { zh: '再试一次', en: 'Try again' },
  waiting: { zh: '正在计算…', en: 'Computing…' },
  lead: { zh: '差别在哪里', en: 'How they differ' },
  growth: { zh: '两年之间的变化', en: 'Change between two years' },
  region: { zh: '地区', en: 'Region' },
  change: { zh: '变化', en: 'Change' },
  overall: { zh: '随总体', en: 'As all' },
  mix: { zh: '因行业结构', en: 'By its trades' },
  own: { zh: '因自身', en: 'Its own' },
  growthHint: { zh: '变化为三部分之和：按总体增速应有的、因其行业整体快慢而有的、自身胜过或不及同行业的。名单的年份是列入的年份，增长是名单的增长。', en: 'The change is the sum of three parts: growing as all did, having trades that grow fast or slowly everywhere, and doing better or worse than these trades. In lists the year is that of being listed, and growth is that of the lists.' },
  oneYear: { zh: '所有要素都属 {year} 年，没有两个年份，不能比较变化。', en: 'All features are of the year {year}: without two years there is no change to compare.' },
  noYears: { zh: '这份数据没有可比的两个年份，不能比较变化。', en: 'These data have no two years to compare, so no change is shown.' },
  members: { zh: '此处 {n} 个', en: '{n} at this place' },
  close: { zh: '关闭', en: 'Close' },
} satisfies Record<string, Text>

export function word(lang: Lang, key: keyof typeof WORDS, params: Record<string, string | number> = {}): string {
  return WORDS[key][lang].replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? ''))
}

export interface PartItem {
  value: string | number | boolean | null
  title?: Text
  count: number
  share: number | null
  lq: number | null
}

export interface ComparedRegion {
  id: string
  region: string
  title: Text
  definition: Text
  year?: number
  n: number
  value: number | null
  by_family: PartItem[]
  by_trade: PartItem[]
  by_level: PartItem[]
  by_origin: PartItem[]
}

export interface Compared {
  regions: ComparedRegion[]
  pairs: { a: string; b: string; krugman: number | null }[]
}

export interface Sensitivity {
  of: string
  regions: { region: string; title?: Text; low: number | null; high: number | null; definitions: { id: string; title?: Text; year?: number; default?: boolean; value: number | null; n: number }[] }[]
  survives: boolean | null
  words?: Text
}

export interface ShiftUnit {
  key: string
  before: number
  after: number
  national: number | null
  mix: number | null
  competitive: number | null
  total: number | null
}

export interface Shifts {
  from: number | null
  to: number | null
  growth: number | null
  units: ShiftUnit[]
}

/** Below this many features a quotient only describes. */
const MANY = 20

/** In English a name with commas of its own stands in quotation marks. */
function titleOf(p: PartItem, lang: Lang): string {
  const title = p.title?.[lang] || String(p.value ?? '–')
  return lang === 'en' && title.includes(',') ? `“${title}”` : title
}

/** The parts of a composition: families where the property has them. */
export function partsOf(r: ComparedRegion, by: string): PartItem[] {
  if (by === 'level') return r.by_level
  if (by === 'origin') return r.by_origin
  return by === 'trade' || r.by_family.length === 0 ? r.by_trade : r.by_family
}

/** What a region is called beside the others: by its definition too where it is there twice. */
export function nameIn(regions: Pick<ComparedRegion, 'id' | 'title' | 'definition'>[], r: Pick<ComparedRegion, 'id' | 'title' | 'definition'>, lang: Lang): string {
  const twice = regions.some((o) => o.id !== r.id && o.title[lang] === r.title[lang])
  if (!twice) return r.title[lang]
  return lang === 'zh' ? `${r.title.zh}（${r.definition.zh}）` : `${r.title.en} (${r.definition.en})`
}

/** How the regions differ, from the answer of compare alone. */
export function differences(c: Compared, lang: Lang): string[] {
  const regions = c.regions.filter((r) => r.n > 0)
  const name = (r: ComparedRegion) => nameIn(c.regions, r, lang)
  const empty = c.regions.filter((r) => r.n === 0).map(name)
  const none = empty.length === 0 || c.regions.length < 2 ? [] : [lang === 'zh' ? `${joinWords(empty, lang)}一个也没有。` : `${joinWords(empty, lang)}: none.`]
  if (regions.length === 0) return none
  if (regions.length === 1) return [`${name(regions[0]!)} ${regions[0]!.n}${lang === 'zh' ? '。' : '.'}`, ...none]
  const said = [...none, ranking(regions, name, lang), ...regions.flatMap((r) => largest(r, name(r), lang) ?? [])]
  for (const sentence of [standsOut(regions, name, lang), lacking(regions, name, lang)]) if (sentence !== null) said.push(sentence)
  if (regions.some((r) => r.n < MANY)) said.push(lang === 'zh' ? '个数很少，区位商只作描述，不作推断。' : 'The numbers are small: the quotients describe, they do not infer.')
  return said
}

/** How the regions grew, from the answers of shift-share alone: one sentence; null where there is no growth to speak of. */
export function growthWords(grown: { name: string; shifts: Shifts }[], lang: Lang): string | null {
  const first = grown[0]?.shifts
  if (!first || first.growth === null || first.from === null || first.to === null) return null
  const total = (key: 'before' | 'after') => figure(first.units.reduce((n, u) => n + u[key], 0))
  const parts = grown.flatMap(({ name, shifts }) => {
    const u = shiftOf(shifts)
    if (!u || u.competitive === null) return []
    const by = figure(Math.abs(u.competitive))
    if (lang === 'zh') {
      const than = by === '0' ? '与其各行业在总体中的增速相当' : `比其各行业按总体增速应有的${u.competitive > 0 ? '多' : '少'} ${by}`
      return [`${name}由 ${figure(u.before)} 到 ${figure(u.after)}，${than}`]
    }
    const than = by === '0' ? 'as its trades did everywhere' : `${by} ${u.competitive > 0 ? 'more' : 'fewer'} than had its trades grown as everywhere`
    return [`${name} from ${figure(u.before)} to ${figure(u.after)}, ${than}`]
  })
  return lang === 'zh'
    ? `${first.from} 至 ${first.to} 年，总体由 ${total('before')} 到 ${total('after')}；${parts.join('；')}。`
    : `Between ${first.from} and ${first.to} all went from ${total('before')} to ${total('after')}; ${parts.join('; ')}.`
}

/** The region in an answer about it, which has all else as the other unit. */
export function shiftOf(s: Shifts): ShiftUnit | undefined {
  return s.units.find((u) => u.key !== 'elsewhere')
}

/** A number of features or a part of one, to a tenth. */
export function figure(v: number | null): string {
  return v === null ? '–' : plainNumber(Math.round(v * 10) / 10 || 0)
}

type Name = (r: ComparedRegion) => string

/** Names in a sentence: with "and" before the last in English. */
function both(names: string[], lang: Lang): string {
  return lang === 'zh' || names.length < 2 ? joinWords(names, lang) : `${joinWords(names.slice(0, -1), lang)} and ${names.at(-1)}`
}

function ranking(regions: ComparedRegion[], name: Name, lang: Lang): string {
  const ranked = [...regions].sort((a, b) => b.n - a.n)
  const list = joinWords(ranked.map((r) => `${name(r)} ${r.n}`), lang)
  const first = ranked.filter((r) => r.n === ranked[0]!.n)
  if (first.length === ranked.length) return lang === 'zh' ? `各地区一样多：${list}。` : `The regions have equally many: ${list}.`
  const most = both(first.map(name), lang)
  if (first.length > 1) return lang === 'zh' ? `${most}并列最多：${list}。` : `${most} have most: ${list}.`
  return lang === 'zh' ? `${most}最多：${list}。` : `${most} has most: ${list}.`
}

/** The largest parts of a region; where they are many, that none stands above the others. */
function largest(r: ComparedRegion, name: string, lang: Lang): string | null {
  const top = partsOf(r, 'family').filter((p) => p.count > 0 && p.value !== null).sort((a, b) => b.count - a.count || (b.lq ?? 0) - (a.lq ?? 0))
  const most = top[0]
  if (!most) return null
  const tied = top.filter((p) => p.count === most.count)
  const share = Math.round((most.share ?? 0) * 100)
  if (tied.length > 3) return lang === 'zh' ? `${name}没有突出的一类：${tied.length} 类各 ${most.count} 个。` : `In ${name} none is largest: ${tied.length} have ${most.count} each.`
  const names = both(tied.map((p) => titleOf(p, lang)), lang)
  if (tied.length > 1) return lang === 'zh' ? `${name}最多的是${names}，各 ${most.count} 个，各占 ${share}%。` : `In ${name} the largest are ${names}: ${most.count} each of ${r.n}, ${share}% each.`
  return lang === 'zh' ? `${name}最多的是${names}，${most.count} 个，占 ${share}%。` : `In ${name} the largest is ${names}: ${most.count} of ${r.n}, ${share}%.`
}

/** The part that is farthest above its share of all; one of a single feature tells nothing. */
function standsOut(regions: ComparedRegion[], name: Name, lang: Lang): string | null {
  const above = regions.flatMap((r) => partsOf(r, 'family').filter((p) => p.count > 1 && p.value !== null && (p.lq ?? 0) >= 1.5).map((p) => ({ r, p })))
  const most = above.sort((a, b) => (b.p.lq ?? 0) - (a.p.lq ?? 0))[0]
  if (!most) return null
  const [lq, part, region] = [(most.p.lq ?? 0).toFixed(1), titleOf(most.p, lang), name(most.r)]
  return lang === 'zh'
    ? `相对全部，${part}在${region}最突出：份额是总体的 ${lq} 倍（${most.p.count} 个）。`
    : `Against all, ${part} stands out most in ${region}: ${lq} times its share of all (${most.p.count}).`
}

/** What a region has none of though another has several; of many nothing is said. */
function lacking(regions: ComparedRegion[], name: Name, lang: Lang): string | null {
  const count = (r: ComparedRegion, value: PartItem['value']) => partsOf(r, 'family').find((p) => p.value === value)?.count ?? 0
  const several = new Map(regions.flatMap((r) => partsOf(r, 'family').filter((p) => p.count > 1 && p.value !== null).map((p) => [p.value, titleOf(p, lang)])))
  const without = regions.flatMap((r) => [...several].filter(([value]) => count(r, value) === 0).map(([, title]) => `${name(r)}${lang === 'zh' ? '没有' : ' has no '}${title}`))
  if (without.length === 0 || without.length > 4) return null
  return lang === 'zh' ? `${without.join('；')}。` : `${without.join('; ')}.`
}

interface PartRow {
  value: PartItem['value']
  title: { zh: string; en: string }
  parts: PartItem[]
}

/** The parts of all regions in one order: what a column has most of comes first. */
export function rowsOf(regions: ComparedRegion[], by: string, sort: string): PartRow[] {
  const rows: PartRow[] = []
  for (const [i, r] of regions.entries()) {
    for (const p of by === 'family' ? r.by_family : partsOf(r, by)) {
      let row = rows.find((x) => x.value === p.value)
      if (!row) rows.push((row = { value: p.value, title: { zh: p.title?.zh ?? '', en: p.title?.en ?? '' }, parts: regions.map((o) => ({ value: p.value, count: 0, share: o.n > 0 ? 0 : null, lq: o.n > 0 ? 0 : null })) }))
      row.parts[i] = p
    }
  }
  const { key, up } = sorting(sort, regions)
  const at = Math.max(0, regions.findIndex((r) => r.id === key.slice(1)))
  const figure = (row: PartRow) => (key.startsWith('q') ? (row.parts[at]?.lq ?? -1) : (row.parts[at]?.count ?? 0))
  return rows.filter((r) => r.parts.some((p) => p.count > 0)).sort((a, b) => (up ? figure(a) - figure(b) : figure(b) - figure(a)) || sum(b) - sum(a))
}

/** The column and the direction that a setting names: n or q with a definition, "-" before it for the least first. */
export function sorting(sort: string, regions: Pick<ComparedRegion, 'id'>[]): { key: string; up: boolean } {
  const key = sort.replace(/^-/, '')
  if (/^[nq]/.test(key) && regions.some((r) => r.id === key.slice(1))) return { key, up: sort.startsWith('-') }
  return { key: `n${regions[0]?.id ?? ''}`, up: false }
}

const sum = (row: PartRow) => row.parts.reduce((n, p) => n + p.count, 0)
