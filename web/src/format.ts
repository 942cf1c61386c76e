// Numbers as each language writes them.

import type { Lang } from './schema'

export interface Figure {
  number: string
  unit: string
}

/** Made once: a formatter costs far more than a number. */
const FINE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 4 })
const COARSE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 })

/** Thousands with comma and at most two decimals: 15,621; 6.27. */
export function plainNumber(value: number): string {
  return (Math.abs(value) < 1 ? FINE : COARSE).format(value)
}

/**
 * A number for reading at a glance. Chinese counts in 万 and 亿, English in
 * thousands, from a million in million and billion.
 */
export function bigNumber(value: number, lang: Lang): Figure {
  const size = Math.abs(value)
  if (lang === 'zh') {
    if (size >= 1e8) return { number: plainNumber(value / 1e8), unit: '亿' }
    if (size >= 1e4) return { number: plainNumber(value / 1e4), unit: '万' }
  } else {
    if (size >= 1e9) return { number: plainNumber(value / 1e9), unit: 'billion' }
    if (size >= 1e6) return { number: plainNumber(value / 1e6), unit: 'million' }
  }
  return { number: plainNumber(value), unit: '' }
}

/** A count that fits into a symbol, never more than it is: 9,999; 12k or 1.2万; 4.5m or 450万. */
export function shortCount(n: number, lang: Lang): string {
  if (n < 10_000) return plainNumber(n)
  const [unit, sign] = lang === 'zh' ? (n >= 1e8 ? [1e8, '亿'] : [1e4, '万']) : n >= 1e6 ? [1e6, 'm'] : [1e3, 'k']
  const v = n / unit
  return `${v < 10 ? Math.floor(v * 10) / 10 : Math.floor(v)}${sign}`
}

/** Number and unit in one line: 80%, 6.27 万家, 1,400 years. Years carry no comma. */
export function withUnit(value: number, unit: string, lang: Lang): string {
  const big = bigNumber(value, lang)
  const tail = lang === 'zh' ? `${big.unit}${unit}` : [big.unit, unit].filter(Boolean).join(' ')
  if (tail === '') return big.number
  return tail.startsWith('%') || tail.startsWith('°') ? `${big.number}${tail}` : `${big.number} ${tail}`
}

/** A year or another number that is a name: no comma. */
export function bareNumber(value: number): string {
  return String(value)
}

/** The longest round distance that fits in width pixels, in metres. */
export function roundDistance(metresPerPixel: number, width: number): number {
  const most = metresPerPixel * width
  const power = 10 ** Math.floor(Math.log10(most))
  const lead = [5, 4, 2, 1].find((n) => n * power <= most) ?? 1
  return lead * power
}

/** Words joined as a language joins them. */
export function joinWords(words: string[], lang: Lang): string {
  return words.join(lang === 'zh' ? '、' : ', ')
}
