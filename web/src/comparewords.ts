// What the comparison of regions says: its labels, and sentences that are each made from
// one answer of the statistics.

import { joinWords } from './format'
import type { Lang, Text } from './schema'

const WORDS = {
  add: { zh: '添加地区', en: 'Add a region' },
  remove: { zh: '移除{name}', en: 'Remove {name}' },
  definition: { zh: '{name}按哪种定义', en: 'Definition of {name}' },
  sameScale: { zh: '同一比例尺', en: 'Same scale' },
  clusters: { zh: '{n} 个', en: '{n}' },
  mapOf: { zh: '{name}的地图：箭头移动，加减缩放', en: 'Map of {name}: arrows pan, + and − zoom' },
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
  similar: { zh: '行业构成', en: 'Composition by trade' },
  krugman: { zh: '{a}与{b}：克鲁格曼指数 {k}，即有 {p} 的构成不同', en: '{a} and {b}: Krugman index {k}; {p} of the one would have to change its trade to be like the other' },
  strip: { zh: '换一种定义，结论还在吗', en: 'Does it survive another definition?' },
  stripOf: { zh: '比较什么', en: 'What is compared' },
  ofCount: { zh: '个数', en: 'Count' },
  ofShare: { zh: '占全部的份额', en: 'Share of all' },
  ofLq: { zh: '区位商', en: 'Location quotient' },
  year: { zh: '{year}', en: '{year}' },
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
  retry: { zh: '再试一次', en: 'Try again' },
  waiting: { zh: '正在计算…', en: 'Computing…' },
  outOf: { zh: '每点为一个集群', en: 'Each dot is one feature' },
  lead: { zh: '差别在哪里', en: 'How they differ' },
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

/** Below this many features a quotient stands on too little to be told in words. */
const FEW = 5

const titleOf = (p: PartItem, lang: Lang) => p.title?.[lang] || String(p.value ?? '–')

/** The parts of a composition: families where the property has them. */
export function partsOf(r: ComparedRegion, by: string): PartItem[] {
  if (by === 'level') return r.by_level
  if (by === 'origin') return r.by_origin
  return by === 'trade' || r.by_family.length === 0 ? r.by_trade : r.by_family
}

/** How the regions differ, from the answer of compare alone. */
export function differences(c: Compared, lang: Lang): string[] {
  const out: string[] = []
  const regions = c.regions.filter((r) => r.n > 0)
  const empty = c.regions.filter((r) => r.n === 0).map((r) => r.title[lang])
  if (empty.length > 0 && c.regions.length > 1) out.push(lang === 'zh' ? `${joinWords(empty, lang)}一个也没有。` : `${joinWords(empty, lang)}: none.`)
  if (regions.length < 2) return regions.length === 0 ? out : [`${regions[0]!.title[lang]} ${regions[0]!.n}${lang === 'zh' ? '。' : '.'}`, ...out]
  const ranked = [...regions].sort((a, b) => b.n - a.n)
  const [first, last] = [ranked[0]!, ranked.at(-1)!]
  const named = (r: ComparedRegion) => `${r.title[lang]} ${r.n}`
  out.push(first.n === last.n
    ? (lang === 'zh' ? `各地区的集群一样多：${joinWords(ranked.map(named), lang)}。` : `The regions have equally many: ${joinWords(ranked.map(named), lang)}.`)
    : (lang === 'zh' ? `${first.title.zh}最多：${joinWords(ranked.map(named), lang)}。` : `${first.title.en} has most: ${joinWords(ranked.map(named), lang)}.`))
  for (const r of regions) {
    const top = partsOf(r, 'family').filter((p) => p.count > 0 && p.value !== null).sort((a, b) => b.count - a.count || (b.lq ?? 0) - (a.lq ?? 0))
    const most = top[0]
    if (!most) continue
    const share = Math.round((most.share ?? 0) * 100)
    const tied = top.filter((p) => p.count === most.count)
    const names = joinWords(tied.slice(0, 3).map((p) => titleOf(p, lang)), lang)
    const each = tied.length > 1 ? (lang === 'zh' ? '各 ' : ' each') : ''
    out.push(lang === 'zh'
      ? `${r.title.zh}以${names}居多，${each}${most.count} 个，占 ${share}%。`
      : `In ${r.title.en} most are ${names}: ${most.count}${each} of ${r.n}, ${share}%.`)
  }
  const stands = regions.flatMap((r) => partsOf(r, 'family').filter((p) => p.count > 0 && p.value !== null && (p.lq ?? 0) >= 1.5).map((p) => ({ r, p })))
    .sort((a, b) => (b.p.lq ?? 0) - (a.p.lq ?? 0))[0]
  if (stands) {
    const lq = (stands.p.lq ?? 0).toFixed(1)
    out.push(lang === 'zh'
      ? `相对全部，${titleOf(stands.p, lang)}在${stands.r.title.zh}最突出：份额是总体的 ${lq} 倍（${stands.p.count} 个）。`
      : `Against all, ${titleOf(stands.p, lang)} stands out most in ${stands.r.title.en}: ${lq} times its share of all (${stands.p.count}).`)
  }
  const lacking = regions.flatMap((r) => partsOf(r, 'family').filter((p) => p.count === 0 && p.value !== null && regions.some((o) => partsOf(o, 'family').some((x) => x.value === p.value && x.count > 1))).map((p) => `${r.title[lang]}${lang === 'zh' ? '没有' : ' has no '}${titleOf(p, lang)}`))
  if (lacking.length > 0 && lacking.length <= 4) out.push(lang === 'zh' ? `${lacking.join('；')}。` : `${lacking.join('; ')}.`)
  if (regions.some((r) => r.n < FEW * 4)) out.push(lang === 'zh' ? '个数很少，区位商只作描述，不作推断。' : 'The numbers are small: the quotients describe, they do not infer.')
  return out
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
      if (!row) rows.push((row = { value: p.value, title: { zh: p.title?.zh ?? '', en: p.title?.en ?? '' }, parts: regions.map(() => ({ value: p.value, count: 0, share: 0, lq: 0 })) }))
      row.parts[i] = p
    }
  }
  const at = Math.max(0, regions.findIndex((r) => r.id === sort.slice(1)))
  const figure = (row: PartRow) => (sort.startsWith('q') ? (row.parts[at]?.lq ?? -1) : (row.parts[at]?.count ?? 0))
  return rows.filter((r) => r.parts.some((p) => p.count > 0)).sort((a, b) => figure(b) - figure(a) || sum(b) - sum(a))
}

const sum = (row: PartRow) => row.parts.reduce((n, p) => n + p.count, 0)
