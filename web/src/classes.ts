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

/** Classes of counts, which are 1 or more. Equal counts are in one class. */
export function classesOf(counts: number[]): Class[] {
  if (counts.length === 0) return []
  const sorted = [...counts].sort((a, b) => a - b)
  const limits = new Set<number>([round(sorted[0]!, 'down')])
  for (let i = 1; i < STEPS; i++) limits.add(round(sorted[Math.floor((i * sorted.length) / STEPS)]!, 'near'))
  const from = [...limits].sort((a, b) => a - b).filter((v, i) => i === 0 || v <= sorted.at(-1)!)
  const classes = from.map((v, i): Class => ({ from: v, to: i + 1 < from.length ? from[i + 1]! - 1 : null, n: 0 }))
  for (const c of counts) classes[classAt(classes, c)]!.n++
  return classes.filter((c, i) => i === 0 || c.n > 0).map((c, i, all) => ({ ...c, to: i + 1 < all.length ? all[i + 1]!.from - 1 : null }))
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

/** 1, 2 or 5 times a power of ten. */
function round(v: number, how: 'down' | 'near'): number {
  if (v <= 1) return 1
  const power = 10 ** Math.floor(Math.log10(v))
  const steps = [1, 2, 5, 10].map((s) => s * power)
  if (how === 'down') return steps.filter((s) => s <= v).at(-1)!
  return steps.reduce((a, b) => (Math.abs(Math.log(b / v)) < Math.abs(Math.log(a / v)) ? b : a))
}
