// How groups, symbols, filters and totals are called on the page and spoken to a
// screen reader.

import { AREA_FILTER } from './area'
import { areaWords } from './areawords'
import type { Item } from './dataset'
import { REGION_FACET, TEXT_FILTER } from './filter'
import type { Lang, Text } from './schema'
import { say } from './messages'
import { plainNumber, shortCount } from './format'
import type { Model } from './model'
import type { Sign } from './signs'
import { timeText } from './time'

/**
 * The name of a group: the smallest division that holds all members, below the
 * country; else the anchor's place with "around". Empty where the data know no divisions.
 */
export function groupName(members: Item[], anchor: Item, lang: Lang): string {
  const depth = Math.min(...members.map((m) => m.divisions.length))
  for (let i = depth - 1; i >= 1; i--) {
    const first = members[0]!.divisions[i]!
    if (members.every((m) => m.divisions[i]!.code === first.code)) return plain(first.name, lang)
  }
  const one = members[0]!.place[lang]
  if (members.every((m) => m.place[lang] === one)) return one
  const town = anchor.divisions[1] ?? anchor.divisions[0]
  return town ? say(lang, 'around', { place: plain(town.name, lang) }) : ''
}

function plain(name: Text, lang: Lang): string {
  return lang === 'en' ? name.en.replace(/ (City|Prefecture|Province|Municipality)$/, '') : name.zh
}

/** "23 个集群，电子信息 9 个，东莞" */
export function speakGroup(sign: Pick<Sign, 'n' | 'parts' | 'place'>, model: Model): string {
  const top = sign.parts[0]
  const family = top && model.data?.schema.category ? model.data.palette.find((o) => o.key === top.key)?.title : undefined
  const n = plainNumber(sign.n)
  const short = shortCount(sign.n, model.lang)
  const parts = [
    // What is to be read on the symbol stands in its name, so that it can be said to a computer.
    `${short === n ? '' : `${short}: `}${n} ${model.t(model.data?.isAtlas ? 'groupCount' : 'groupCountOther', { n })}`,
    family ? model.t('groupOf', { name: model.of(family), n: plainNumber(top!.n) }) : '',
    model.of(sign.place),
  ]
  return parts.filter(Boolean).join(comma(model))
}

/** Name, family, level and precision of one symbol. */
export function speakItem(item: Item, model: Model): string {
  const family = model.data?.schema.category ? model.data.palette.find((o) => o.key === item.color)?.title : undefined
  return [model.of(item.name), family ? model.of(family) : '', speakMark(item, model)].filter(Boolean).join(comma(model))
}

/** What the shape and the drawing of a symbol say: level and precision. */
export function speakMark(item: Item, model: Model): string {
  const level = model.data?.schema.shape?.choices.find((c) => c.value === item.shape)?.title
  const precision = item.drawing === 'filled' ? '' : model.t(item.drawing === 'hollow' ? 'hostSeat' : 'approximatePoint')
  return [level ? model.of(level) : '', precision].filter(Boolean).join(comma(model))
}

function comma(model: Model): string {
  return model.lang === 'zh' ? '，' : ', '
}

/** The filters in force, each with its key and what to call it. */
export function activeFilters(m: Model): { key: string; name: string }[] {
  const tags: { key: string; name: string }[] = []
  const or = m.lang === 'zh' ? '、' : ', '
  for (const [key, values] of Object.entries(m.state.chosen)) {
    if (values.length === 0) continue
    if (key === REGION_FACET) {
      const names = values.map((v) => {
        const region = m.regions.find((r) => r.key === v)
        return region ? m.of(region.title) : m.t('elsewhere')
      })
      tags.push({ key, name: names.join(or) })
      continue
    }
    const facet = m.data?.facets.find((f) => f.key === key)
    if (!facet) continue
    const names = facet.options.filter((o) => values.includes(o.key)).map((o) => m.of(o.title))
    tags.push({ key, name: names.length > 3 ? `${m.of(facet.title)} ${names.length}` : names.join(or) })
  }
  for (const [key, [low, high]] of Object.entries(m.state.ranges)) {
    const n = m.data?.numbers.find((x) => x.key === key)
    const time = m.data?.time?.key === key ? m.data.time : null
    const title = time?.field.title ?? n?.field.title
    if (!title || (low === null && high === null)) continue
    const end = (v: number | null) => (v === null ? '' : time ? timeText(time, v) : String(v))
    tags.push({ key, name: `${m.of(title)} ${low === high ? end(low) : `${end(low)}–${end(high)}`}` })
  }
  if (m.state.text.trim() !== '') tags.push({ key: TEXT_FILTER, name: m.state.text.trim() })
  if (m.state.area) tags.push({ key: AREA_FILTER, name: areaWords(m, m.state.area) })
  return tags
}

/** A filter in force that can be taken off: one option of a facet, or the whole of another filter. */
export interface Chip {
  key: string
  option: string | null
  name: string
  /** How many features have the option and pass all other filters; null where that is the total. */
  n: number | null
}

/** As many options of a facet have a chip each. */
const MOST_CHIPS = 3

export function filterChips(m: Model): Chip[] {
  return activeFilters(m).flatMap((tag): Chip[] => {
    const whole = [{ ...tag, option: null, n: null }]
    const chosen = m.state.chosen[tag.key] ?? []
    const options = m.data?.facets.find((f) => f.key === tag.key)?.options.filter((o) => chosen.includes(o.key)) ?? []
    const counts = m.result?.counts.get(tag.key)
    if (options.length === 0 || options.length > MOST_CHIPS || !counts) return whole
    return options.map((o) => ({ key: tag.key, option: o.key, name: m.of(o.title), n: counts.get(o.key) ?? 0 }))
  })
}

/** "显示 40 / 40 个集群", also what the live region speaks. */
export function totalText(m: Model): string {
  if (!m.result || !m.data) return ''
  if (m.data.remote && m.state.near) return m.t('totalNear', { shown: plainNumber(m.listed), all: plainNumber(m.result.total) })
  const n = { shown: plainNumber(m.result.total), all: plainNumber(m.data.matched) }
  return m.t(m.data.isAtlas ? 'total' : 'totalOther', n)
}

/** How many of what is shown the map cannot show; empty where it shows all. */
export function placesText(m: Model): string {
  const n = m.data?.remote && m.state.near ? 0 : (m.result?.unplaced ?? 0)
  return n > 0 ? m.t('unplaced', { n: plainNumber(n) }) : ''
}
