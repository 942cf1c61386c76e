// Classes of a shaded map: round lower limits, as even in number as the values
// allow, and never more than the steps of the palette.

/** The steps of the sequential palette. */
export const STEPS = 6

export interface Class {
  from: number
  /** Inclusive; null for the last class. */
  to: number | null
  /** How many areas are in the class. */
  n: number
}

/** What limits begin with, from round to less round: the first that tells enough apart is taken. */
const SERIES = [[1, 2, 5], [1, 1.5, 2, 3, 4, 5, 7], [1, 1.2, 1.5, 1.8, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9]]
/** So many classes are enough. */
const ENOUGH = 5

/** Classes of counts, which are 1 or more. Equal counts are in one class. */
export function classesOf(counts: number[]): Class[] {
  if (counts.length === 0) return []
  const sorted = [...counts].sort((a, b) => a - b)
  const enough = Math.min(ENOUGH, new Set(counts).size)
  const tries = SERIES.map((series) => classesBy(sorted, series))
  return tries.find((t) => t.length >= enough) ?? tries.reduce((a, b) => (b.length > a.length ? b : a))
}

function classesBy(sorted: number[], series: number[]): Class[] {
  const limits = new Set<number>([round(sorted[0]!, series, 'down')])
  for (let i = 1; i < STEPS; i++) limits.add(round(sorted[Math.floor((i * sorted.length) / STEPS)]!, series, 'near'))
  const from = [...limits].sort((a, b) => a - b)
  const n = from.map((v, i) => sorted.filter((c) => c >= v && (i + 1 === from.length || c < from[i + 1]!)).length)
  const used = from.filter((_, i) => i === 0 || n[i]! > 0)
  return used.map((v, i) => ({ from: v, to: i + 1 < used.length ? used[i + 1]! - 1 : null, n: n[from.indexOf(v)]! })).filter((c, i, all) => c.n > 0 || (i === 0 && all.length === 1))
}

/** The number of the class of a count. */
export function classAt(classes: Class[], count: number): number {
  let i = classes.length - 1
  while (i > 0 && count < classes[i]!.from) i--
  return i
}

/** The step of the palette, 1 to STEPS, for class i of n: few classes span it all. */
export function stepOf(i: number, n: number): number {
  return n <= 1 ? 3 : 1 + Math.round((i * (STEPS - 1)) / (n - 1))
}

/** A whole number that begins like one of the series. */
function round(v: number, series: number[], how: 'down' | 'near'): number {
  const power = 10 ** Math.floor(Math.log10(v))
  const steps = [...series, 10].map((s) => Math.round(s * power * 10) / 10).filter(Number.isInteger)
  if (how === 'down') return steps.filter((s) => s <= v).at(-1)!
  return steps.reduce((a, b) => (Math.abs(Math.log(b / v)) < Math.abs(Math.log(a / v)) ? b : a))
}
