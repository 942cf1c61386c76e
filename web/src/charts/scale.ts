// Axes: where the marks stand and what is written at them.

/** Round marks from low to high, about as many as asked for. */
export function ticks(low: number, high: number, about: number): number[] {
  if (!(high > low)) return [low]
  const rough = (high - low) / about
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].map((s) => s * power).find((s) => s >= rough - 1e-12)!
  const out: number[] = []
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) out.push(Number((i * step).toPrecision(12)))
  return out
}

/** A value of an axis as a pixel. */
export function linear(low: number, high: number, from: number, to: number): (v: number) => number {
  return (v) => round(from + ((v - low) / (high - low || 1)) * (to - from))
}

/** The same on an axis where equal steps are equal ratios; what lies beyond stands at its end. */
export function logarithmic(low: number, high: number, from: number, to: number): (v: number) => number {
  const at = linear(Math.log2(low), Math.log2(high), from, to)
  return (v) => at(Math.log2(Math.min(high, Math.max(low, v))))
}

/** Powers of two that hold the values, at least from a half to two. */
export function powers(values: number[]): [number, number] {
  const found = values.filter((v) => v > 0 && Number.isFinite(v))
  const low = Math.floor(Math.log2(Math.min(0.5, ...found)))
  const high = Math.ceil(Math.log2(Math.max(2, ...found)))
  return [2 ** Math.max(-4, low), 2 ** Math.min(7, high)]
}

/** ½, ¼ and whole numbers. */
export function powerText(v: number): string {
  return v >= 1 ? String(v) : (({ 0.5: '½', 0.25: '¼', 0.125: '⅛', 0.0625: '1/16' }) as Record<number, string>)[v] ?? String(v)
}

export function round(v: number): number {
  return Math.round(v * 100) / 100
}

/** A line through points, as the d of a path. */
export function path(points: [number, number][]): string {
  return points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('')
}

/** About how wide words are at 12 px. */
export function wide(words: string): number {
  return [...words].reduce((sum, c) => sum + (c.charCodeAt(0) > 0x2e80 ? 12 : 6.6), 0)
}
