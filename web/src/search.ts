// Text search over Chinese, English and pinyin. Every word of the query must
// occur; the best place in which it occurs gives the rank.

import type { Feature } from './geojson'
import type { CollectionSchema, Text } from './schema'

export interface SearchText {
  /** Folded texts with the weight of a hit in them, most telling first. */
  fields: { text: string; weight: number }[]
  /** Syllables of the name, without tones. */
  syllables: string[]
}

const NAME = 100
const PINYIN = 80
const TRADE = 50
const PLACE = 40
const OTHER = 10

/** Lower case, half width, without accents: the form in which texts are compared. */
export function fold(s: string): string {
  return s.normalize('NFKD').replace(/\p{Mn}/gu, '').toLowerCase()
}

/** The words of a query; none for an empty query. */
export function words(query: string): string[] {
  return fold(query).split(/[\s,，、;；·]+/).filter((w) => w !== '')
}

export function indexText(f: Feature, schema: CollectionSchema, name: Text, place: Text): SearchText {
  const fields = [
    { text: fold(name.zh), weight: NAME },
    { text: fold(name.en), weight: NAME },
    { text: fold(`${place.zh} ${place.en}`), weight: PLACE },
  ]
  for (const field of schema.fields) {
    const v = f.properties[field.name]
    if (typeof v !== 'string' || v === '' || field.name === 'name_pinyin') continue
    const weight = weightOf(field.name)
    fields.push({ text: fold(v), weight })
    const choice = field.choices.find((c) => c.value === v)
    if (choice) {
      const group = field.groups.find((g) => g.key === choice.group)?.title
      fields.push({ text: fold([choice.title.zh, choice.title.en, group?.zh, group?.en].join(' ')), weight })
    }
  }
  return {
    fields: fields.filter((x) => x.text.trim() !== ''),
    syllables: syllablesOf(f.properties['name_pinyin'], fold(name.zh)),
  }
}

/** Syllables of Chinese characters only; "crt" and "798" are found as written. */
function syllablesOf(pinyin: unknown, name: string): string[] {
  if (typeof pinyin !== 'string') return []
  return fold(pinyin).split(/[\s'’-]+/).filter((s) => /^[a-zü]+$/.test(s) && !name.includes(s))
}

function weightOf(name: string): number {
  if (/^(trade|industry)/.test(name)) return TRADE
  if (/^(division|prefecture|province)/.test(name)) return PLACE
  return OTHER
}

/** The rank of a text for the words of a query: 0 where some word is missing. */
export function rank(t: SearchText, queryWords: string[]): number {
  let total = 0
  for (const w of queryWords) {
    const best = rankWord(t, w)
    if (best === 0) return 0
    total += best
  }
  return queryWords.length === 0 ? 1 : total
}

function rankWord(t: SearchText, word: string): number {
  let best = syllableSpan(t.syllables, word) ? PINYIN : 0
  for (const { text, weight } of t.fields) {
    if (weight <= best) continue
    const at = text.indexOf(word)
    if (at < 0 || !atWordStart(text, at, word)) continue
    best = at === 0 ? weight + 5 : weight
  }
  return best
}

/** Latin words match from their beginning, so that "tin" does not find "setting". */
function atWordStart(text: string, at: number, word: string): boolean {
  if (!/^[a-z]/.test(word)) return true
  for (let i = at; i >= 0; i = text.indexOf(word, i + 1)) {
    if (i === 0 || !/[a-z0-9]/.test(text[i - 1]!)) return true
    if (text.indexOf(word, i + 1) < 0) return false
  }
  return false
}

/**
 * The syllables that a word of pinyin covers, written with or without spaces
 * (shengze covers sheng ze), the last one perhaps only begun. Null if none.
 */
export function syllableSpan(syllables: string[], word: string): [number, number] | null {
  if (!/^[a-z]+$/.test(word)) return null
  for (let from = 0; from < syllables.length; from++) {
    let joined = ''
    for (let to = from; to < syllables.length; to++) {
      joined += syllables[to]!
      if (joined.startsWith(word)) return [from, to + 1]
      if (!word.startsWith(joined)) break
    }
  }
  return null
}

/** The parts of a shown text, each with whether the query matched it. */
export function highlight(shown: string, t: SearchText, queryWords: string[]): { text: string; hit: boolean }[] {
  const hit = new Array<boolean>(shown.length).fill(false)
  const plain = foldKeepingLength(shown)
  const han = [...shown.matchAll(/\p{Script=Han}/gu)].map((m) => m.index)
  for (const w of queryWords) {
    for (let at = plain.indexOf(w); at >= 0; at = plain.indexOf(w, at + w.length)) {
      if (/^[a-z]/.test(w) && at > 0 && /[a-z0-9]/.test(plain[at - 1]!)) continue
      hit.fill(true, at, at + w.length)
    }
    const span = syllableSpan(t.syllables, w)
    if (span && han.length >= span[1]) for (let i = span[0]; i < span[1]; i++) hit[han[i]!] = true
  }
  const parts: { text: string; hit: boolean }[] = []
  for (let i = 0; i < shown.length; i++) {
    const last = parts.at(-1)
    if (last && last.hit === hit[i]) last.text += shown[i]
    else parts.push({ text: shown[i]!, hit: hit[i]! })
  }
  return parts
}

function foldKeepingLength(s: string): string {
  let out = ''
  for (const unit of s.split('')) {
    const folded = fold(unit)
    out += folded.length === 1 ? folded : unit
  }
  return out
}
