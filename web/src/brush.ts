// Brushing: what the reader points at in one view lights up in the others. An option or a
// span of time lights what has it; a symbol or a row lights the options it has.

import type { Dataset, Item } from './dataset'
import { REGION_FACET, regionsOf, type Definitions } from './filter'
import type { Sign } from './signs'
import { timeOf } from './time'

/** What is pointed at in a legend, a bar chart or a histogram. */
export type Lit =
  | { kind: 'option'; facet: string; option: string }
  /** Limits of the time, both within. */
  | { kind: 'span'; from: number; to: number }

/** Whether an item has what is pointed at. */
export function litTest(lit: Lit | null, data: Dataset | null, defs: Definitions): ((item: Item) => boolean) | null {
  if (!lit || !data) return null
  if (lit.kind === 'option') {
    if (lit.facet === REGION_FACET) return (it) => regionsOf(it, defs).includes(lit.option)
    return (it) => it.values[lit.facet]?.includes(lit.option) === true
  }
  const { time } = data
  if (!time) return null
  return (it) => {
    const v = timeOf(time, it.feature.properties)
    return v !== null && v >= lit.from && v <= lit.to
  }
}

/** Whether some of what a symbol stands for has it; null where the page does not know all of that. */
export function signLit(lit: Lit, test: (item: Item) => boolean, sign: Pick<Sign, 'items' | 'n' | 'parts'>): boolean | null {
  if (sign.items.some(test)) return true
  if (sign.items.length >= sign.n) return false
  if (lit.kind === 'option' && lit.facet === 'family') return sign.parts.some((p) => p.key === lit.option && p.n > 0)
  return null
}

/** Whether the item under the pointer, or the families of the group under it, have an option. */
export function hoveredHas(item: Item | null, over: string[] | null, defs: Definitions): (facet: string, option: string) => boolean {
  return (facet, option) => {
    if (over && facet === 'family') return over.includes(option)
    if (!item || over) return false
    return facet === REGION_FACET ? regionsOf(item, defs).includes(option) : item.values[facet]?.includes(option) === true
  }
}
