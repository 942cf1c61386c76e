import { VectorTile } from '@mapbox/vector-tile'
import { PbfReader, PbfWriter } from 'pbf'
import { describe, expect, it } from 'vitest'
import { layerNames, readLayer, Shape } from '../src/mvt'

interface Made {
  type: number
  tags: number[]
  geometry: number[]
}

const zigzag = (v: number) => (v << 1) ^ (v >> 31)
const command = (id: number, n: number) => id | (n << 3)

function tile(name: string, keys: string[], values: (string | number | boolean)[], features: Made[], extent = 4096): ArrayBuffer {
  const pbf = new PbfWriter()
  for (const layer of ['before', name]) {
    pbf.writeMessage(3, (l: string, p: PbfWriter) => {
      p.writeVarintField(15, 2)
      p.writeStringField(1, l)
      for (const f of l === name ? features : []) {
        p.writeMessage(2, (made: Made, q: PbfWriter) => {
          q.writeVarintField(1, 7)
          q.writePackedVarint(2, made.tags)
          q.writeVarintField(3, made.type)
          q.writePackedVarint(4, made.geometry)
        }, f)
      }
      for (const k of keys) p.writeStringField(3, k)
      for (const v of values) {
        p.writeMessage(4, (value: typeof v, q: PbfWriter) => {
          if (typeof value === 'string') q.writeStringField(1, value)
          else if (typeof value === 'boolean') q.writeBooleanField(7, value)
          else if (!Number.isInteger(value)) q.writeDoubleField(3, value)
          else if (value < 0) q.writeSVarintField(6, value)
          else q.writeVarintField(5, value)
        }, v)
      }
      p.writeVarintField(5, extent)
    }, layer)
  }
  const bytes = pbf.finish()
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
}

let seed = 11
const random = (n: number) => (seed = (seed * 48271) % 2147483647) % n

function line(vertices: number, close: boolean, at: { x: number; y: number }): number[] {
  const out: number[] = []
  const go = () => {
    const x = random(5000) - 300
    const y = random(5000) - 300
    out.push(zigzag(x - at.x), zigzag(y - at.y))
    at.x = x
    at.y = y
  }
  out.push(command(1, 1))
  go()
  out.push(command(2, vertices - 1))
  for (let i = 1; i < vertices; i++) go()
  if (close) out.push(command(7, 1))
  return out
}

describe('readLayer', () => {
  const features: Made[] = Array.from({ length: 300 }, (_, i) => {
    const type = 1 + (i % 3)
    const at = { x: 0, y: 0 }
    const geometry = type === 1
      ? [command(1, 2), zigzag(i), zigzag(-i), zigzag(5), zigzag(6)]
      : Array.from({ length: 1 + (i % 2) }, () => line(3 + random(20), type === 3, at)).flat()
    return { type, tags: [0, i % 3, ...(i % 5 === 0 ? [] : [1, 3 + (i % 4)])], geometry }
  })
  const bytes = tile('features', ['id', 'trade'], ['a', 'b', 'c', 'silk', 'tiles', 4.5, true], features)

  it('agrees with @mapbox/vector-tile', () => {
    const mine = readLayer(bytes, 'features', 'trade')!
    const theirs = new VectorTile(new PbfReader(bytes)).layers['features']!
    expect(mine.shapes.length).toBe(theirs.length)
    expect(mine.extent).toBe(theirs.extent)
    for (let i = 0; i < theirs.length; i++) {
      const f = theirs.feature(i)
      expect(mine.shapes[i]).toBe(f.type)
      const lines: number[][] = []
      for (let p = mine.partStarts[i]!; p < mine.partStarts[i + 1]!; p++) {
        lines.push([...mine.coords.slice(mine.parts[p]!, p + 1 < mine.partStarts[i + 1]! ? mine.parts[p + 1]! : mine.starts[i + 1]!)])
      }
      const want = f.loadGeometry().map((ring) => ring.flatMap((q) => [q.x, q.y]))
      // Theirs repeats the first vertex of a ring, and takes points for lines of one.
      const closed = f.type === 3 ? want.map((r) => r.slice(0, -2)) : f.type === 1 ? want.flatMap((r) => r.length > 2 ? [r.slice(0, 2), r.slice(2)] : [r]) : want
      expect(lines).toEqual(closed)
      for (const key of ['id', 'trade', 'none']) expect(mine.property(i, key)).toBe(f.properties[key] ?? null)
      const v = f.properties['trade']
      expect(mine.values[i]! < 0 ? undefined : mine.valueText(mine.values[i]!)).toBe(v === undefined ? undefined : String(v))
    }
  })

  it('knows the layers of a tile', () => {
    expect(layerNames(bytes)).toEqual(['before', 'features'])
    expect(layerNames(new ArrayBuffer(0))).toEqual([])
  })

  it('takes keys and values of any length for what they are', () => {
    const keys = Array.from({ length: 40 }, (_, i) => 'k'.repeat(1 + i * 7))
    const odd = tile('features', keys, ['\u001a\u001a\u001a', 'x'.repeat(300)], [{ type: 1, tags: [39, 1], geometry: [command(1, 1), 2, 2] }])
    expect(readLayer(odd, 'features', keys[39]!)!.property(0, keys[39]!)).toBe('x'.repeat(300))
  })

  it('finds nothing where there is nothing', () => {
    expect(readLayer(new ArrayBuffer(0), 'features', null)).toBeNull()
    expect(readLayer(bytes, 'other', null)).toBeNull()
    expect(readLayer(tile('features', [], [], []), 'features', 'x')!.shapes).toHaveLength(0)
  })

  it('stops at a geometry that is cut off', () => {
    const cut = tile('features', [], [], [{ type: Shape.Line, tags: [], geometry: [command(1, 1), zigzag(1), zigzag(1), command(2, 1000), zigzag(1)] }])
    expect(() => readLayer(cut, 'features', null)).not.toThrow()
    expect(readLayer(cut, 'features', null)!.coords.length).toBeLessThan(10)
  })
})
