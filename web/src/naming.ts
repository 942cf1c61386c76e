// How groups and symbols are called on the map and spoken to a screen reader.

import type { Item } from './dataset'
import type { Lang, Text } from './schema'
import { say } from './messages'
import { ringParts } from './groups'
import type { Model } from './model'

/**
 * The name of a group: the smallest division that holds all members, below the
 * country; else the anchor's place with "around".
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
  return say(lang, 'around', { place: town ? plain(town.name, lang) : anchor.place[lang] })
}

function plain(name: Text, lang: Lang): string {
  return lang === 'en' ? name.en.replace(/ (City|Prefecture|Province|Municipality)$/, '') : name.zh
}

/** "23 个集群，电子信息 9 个，东莞" */
export function speakGroup(members: Item[], anchor: Item, model: Model): string {
  const top = ringParts(members.map((m) => m.color))[0]!
  const title = model.data?.palette.find((o) => o.key === top.key)?.title
  return model.t(model.data?.isAtlas ? 'groupSpoken' : 'groupSpokenOther', {
    n: members.length, k: top.n, top: title ? model.of(title) : '', place: groupName(members, anchor, model.lang),
  })
}

/** Name, family, level and precision of one symbol. */
export function speakItem(item: Item, model: Model): string {
  const family = model.data?.palette.find((o) => o.key === item.color)?.title
  const precision = item.drawing === 'filled' ? '' : model.t(item.drawing === 'hollow' ? 'hostSeat' : 'approximatePoint')
  const level = model.data?.schema.shape?.choices.find((c) => c.value === item.shape)?.title
  const parts = [model.of(item.name), family && model.data?.schema.category ? model.of(family) : '', level ? model.of(level) : '', precision]
  return parts.filter(Boolean).join(model.lang === 'zh' ? '，' : ', ')
}
