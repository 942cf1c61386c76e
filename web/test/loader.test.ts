import { describe, expect, it } from 'vitest'
import { ApiError } from '../src/api'
import { insteadOf, troubleOf } from '../src/loader'
import { persistent } from '../src/retry'

const at = () => new AbortController().signal
const nowait = () => Promise.resolve()
const failing = (status: number | null, times: number) => {
  let made = 0
  return { made: () => made, request: () => (++made <= times ? Promise.reject(new ApiError('x', 'u', status, 'd')) : Promise.resolve('good')) }
}

describe('the collection shown instead', () => {
  it('is the atlas, else a layer of its own, else anything', () => {
    expect(insteadOf(['antimeridian', 'clusters', 'claims'])).toBe('clusters')
    expect(insteadOf(['claims', 'regions', 'wells'])).toBe('wells')
    expect(insteadOf(['claims'])).toBe('claims')
    expect(insteadOf([])).toBeUndefined()
  })
})

describe('persistent', () => {
  it('tries three times where the server fails or does not answer', async () => {
    const two = failing(503, 2)
    expect(await persistent(two.request, at(), nowait)).toBe('good')
    const three = failing(null, 3)
    await expect(persistent(three.request, at(), nowait)).rejects.toMatchObject({ tries: 3 })
    expect(three.made()).toBe(3)
  })

  it('does not repeat what was refused, nor a fault of our own', async () => {
    const refused = failing(404, 9)
    await expect(persistent(refused.request, at(), nowait)).rejects.toMatchObject({ tries: 1, status: 404 })
    let made = 0
    await expect(persistent(() => { made++; throw new TypeError('ours') }, at(), nowait)).rejects.toThrow('ours')
    expect(made).toBe(1)
  })
})

describe('troubleOf', () => {
  it('keeps failures of the server apart from ours', () => {
    expect(troubleOf(new ApiError('status 503', 'collections', 503, 'busy'), 'polys')).toEqual({
      kind: 'server', problem: { message: 'status 503', url: 'collections', status: 503, detail: 'busy' }, tries: 1, layer: 'polys',
    })
    expect(troubleOf(new TypeError('null is not iterable'), null)).toMatchObject({ kind: 'own', problem: { message: 'TypeError: null is not iterable', status: null } })
  })
})
