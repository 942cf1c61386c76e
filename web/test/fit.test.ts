import { describe, expect, it } from 'vitest'
import { clampInsets, layoutOf } from '../src/fit'

describe('layoutOf', () => {
  it('goes by width', () => {
    expect([1440, 1024, 1023, 640, 390].map((w) => layoutOf(w, 900))).toEqual(['wide', 'wide', 'middle', 'middle', 'phone'])
  })

  it('gives a phone held sideways the drawer, and one held upright or a small frame the sheet', () => {
    expect([layoutOf(568, 320), layoutOf(600, 340), layoutOf(320, 240)]).toEqual(['middle', 'middle', 'middle'])
    expect([layoutOf(320, 568), layoutOf(360, 400), layoutOf(600, 600)]).toEqual(['phone', 'phone', 'phone'])
  })
})

describe('clampInsets', () => {
  it('changes nothing where there is room', () => {
    const insets = { top: 100, right: 20, bottom: 300, left: 0 }
    expect(clampInsets(insets, 390, 844)).toEqual(insets)
  })

  it('always leaves two fifths of each side', () => {
    const i = clampInsets({ top: 116, right: 392, bottom: 204, left: 0 }, 568, 320)
    expect(568 - i.left - i.right).toBeCloseTo(568 * 0.4)
    expect(320 - i.top - i.bottom).toBeCloseTo(320 * 0.4)
    expect(i.top / i.bottom).toBeCloseTo(116 / 204)
  })
})
