// The colours of more and less, from the most below to the most above.

import { standing } from './charts/dots'

export const DIVERGING = ['--div-n3', '--div-n2', '--div-n1', '--div-0', '--div-p1', '--div-p2', '--div-p3']
/** The classes of hot and cold spots, in the same order. */
export const CLASSES = ['cold 99', 'cold 95', 'cold 90', 'none', 'hot 90', 'hot 95', 'hot 99']
/** Limits of quotients between the steps. */
const LIMITS = [0.25, 0.5, 1, 1, 2, 4]

/** The colour of a quotient: the middle where it may be chance. */
export function quotientColour(r: Parameters<typeof standing>[0]): string {
  if (standing(r) === 'even') return DIVERGING[3]!
  const step = LIMITS.filter((l) => r.value! >= l).length
  return DIVERGING[step === 3 ? 4 : step]!
}
