import { describe, expect, it } from 'vitest'
import { inSlices } from '../src/frames'

/** A clock that goes on by so many milliseconds with each job. */
function clock(ms: number) {
  let now = 0
  const pieces = [0]
  return {
    pieces,
    now: () => now,
    pause: () => Promise.resolve(void pieces.push(0)),
    job: () => {
      now += ms
      pieces[pieces.length - 1]!++
    },
  }
}

describe('work in slices', () => {
  const list = Array.from({ length: 100 }, (_, i) => i)

  it('does each once, in pieces that take no longer than a frame', async () => {
    for (const ms of [0.1, 1, 5, 20]) {
      const c = clock(ms)
      expect(await inSlices(list, c.job, () => true, c.pause, c.now)).toBe(true)
      expect(c.pieces.reduce((a, b) => a + b)).toBe(100)
      for (const n of c.pieces) expect(n === 1 || n * ms <= 16).toBe(true)
    }
  })

  it('ends where it is no longer wanted', async () => {
    const c = clock(5)
    let done = 0
    expect(await inSlices(list, () => { c.job(); done++ }, () => done < 7, c.pause, c.now)).toBe(false)
    expect(done).toBe(7)
  })
})
