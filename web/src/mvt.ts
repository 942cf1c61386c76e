// Mapbox Vector Tiles 2.1, read for drawing: coordinates go straight from the
// bytes into flat arrays, and the properties of a feature are read only when
// somebody asks for them.

import { PbfReader } from 'pbf'

export const enum Shape { Point = 1, Line = 2, Area = 3 }

/** A layer of a tile. Feature i has the coordinates from starts[i] to starts[i+1], x and y in turn. */
export interface TileLayer {
  extent: number
  /** Features, in the order of the tile. */
  shapes: Uint8Array
  starts: Uint32Array
  coords: Int32Array
  /** Where lines and rings begin in coords, in order; a ring does not repeat its first vertex. */
  parts: Uint32Array
  /** The first of each feature in parts. */
  partStarts: Uint32Array
  /** For each feature the number of its value of the property that was asked for, or -1. */
  values: Int32Array
  valueText(value: number): string
  /** A property of a feature; null where it has none. */
  property(feature: number, name: string): string | number | boolean | null
}

interface Raw {
  name: string
  extent: number
  keys: string[]
  /** Where values and features begin. */
  values: number[]
  features: number[]
}

const MOVE = 1
const LINE = 2
const CLOSE = 7

/** Reads the layer of a name; null where the tile has none. by is the property whose values come along. */
export function readLayer(bytes: ArrayBuffer, name: string, by: string | null): TileLayer | null {
  if (bytes.byteLength === 0) return null
  const pbf = new PbfReader(bytes)
  const ends: number[] = []
  pbf.readFields((tag, found: number[]) => {
    if (tag !== 3) return
    const end = pbf.readVarint() + pbf.pos
    found.push(end, pbf.pos)
    pbf.pos = end
  }, ends)
  for (let i = 0; i < ends.length; i += 2) {
    pbf.pos = ends[i + 1]!
    const raw: Raw = { name: '', extent: 4096, keys: [], values: [], features: [] }
    pbf.readFields(readRaw, raw, ends[i])
    if (raw.name === name) return decode(pbf, raw, by)
  }
  return null
}

/** The names of the layers of a tile, in order. */
export function layerNames(bytes: ArrayBuffer): string[] {
  return new PbfReader(bytes).readFields((tag, names: string[], pbf) => {
    if (tag !== 3) return
    const end = pbf.readVarint() + pbf.pos
    pbf.readFields((t, _: null, p) => {
      if (t === 1) names.push(p.readString())
    }, null, end)
  }, [] as string[])
}

function readRaw(tag: number, raw: Raw, pbf: PbfReader): void {
  switch (tag) {
    case 1:
      raw.name = pbf.readString()
      return
    case 2:
      raw.features.push(pbf.pos)
      return
    case 3:
      raw.keys.push(pbf.readString())
      return
    case 4:
      raw.values.push(pbf.pos)
      return
    case 5:
      raw.extent = pbf.readVarint()
  }
}

function readValue(pbf: PbfReader, at: number): string | number | boolean {
  pbf.pos = at
  const end = pbf.readVarint() + pbf.pos
  let value: string | number | boolean = ''
  while (pbf.pos < end) {
    switch (pbf.readVarint() >> 3) {
      case 1:
        value = pbf.readString()
        break
      case 2:
        value = pbf.readFloat()
        break
      case 3:
        value = pbf.readDouble()
        break
      case 4:
        value = pbf.readVarint(true)
        break
      case 5:
        value = pbf.readVarint()
        break
      case 6:
        value = pbf.readSVarint()
        break
      case 7:
        value = pbf.readBoolean()
        break
      default:
        pbf.pos = end
    }
  }
  return value
}

/** Numbers that grow as they come. */
class Numbers<A extends Int32Array | Uint32Array> {
  n = 0
  constructor(public at: A, private readonly make: (n: number) => A) {}

  push(v: number): void {
    if (this.n === this.at.length) {
      const more = this.make(this.n * 2)
      more.set(this.at)
      this.at = more
    }
    this.at[this.n++] = v
  }

  done(): A {
    return this.at.slice(0, this.n) as A
  }
}

function decode(pbf: PbfReader, raw: Raw, by: string | null): TileLayer {
  const n = raw.features.length
  const layer = {
    extent: raw.extent, shapes: new Uint8Array(n), starts: new Uint32Array(n + 1), partStarts: new Uint32Array(n + 1), values: new Int32Array(n).fill(-1),
  }
  const coords = new Numbers(new Int32Array(Math.max(16, 2 * n)), (k) => new Int32Array(k))
  const parts = new Numbers(new Uint32Array(Math.max(16, n)), (k) => new Uint32Array(k))
  const key = by === null ? -1 : raw.keys.indexOf(by)
  for (let i = 0; i < n; i++) {
    layer.starts[i] = coords.n
    layer.partStarts[i] = parts.n
    pbf.pos = raw.features[i]!
    const end = pbf.readVarint() + pbf.pos
    while (pbf.pos < end) {
      const tag = pbf.readVarint()
      switch (tag >> 3) {
        case 2:
          layer.values[i] = readTag(pbf, key)
          break
        case 3:
          layer.shapes[i] = pbf.readVarint()
          break
        case 4:
          readGeometry(pbf, coords, parts)
          break
        default:
          pbf.skip(tag)
      }
    }
  }
  layer.starts[n] = coords.n
  layer.partStarts[n] = parts.n
  return { ...layer, coords: coords.done(), parts: parts.done(), valueText: (v) => String(readValue(pbf, raw.values[v]!)), property: (i, name) => propertyOf(pbf, raw, i, name) }
}

/** The number of the value of a key among tags, or -1. */
function readTag(pbf: PbfReader, key: number): number {
  const end = pbf.readVarint() + pbf.pos
  let found = -1
  while (pbf.pos < end) {
    const k = pbf.readVarint()
    const v = pbf.readVarint()
    if (k === key) found = v
  }
  return found
}

function readGeometry(pbf: PbfReader, coords: Numbers<Int32Array>, parts: Numbers<Uint32Array>): void {
  const end = pbf.readVarint() + pbf.pos
  let x = 0
  let y = 0
  while (pbf.pos < end) {
    const command = pbf.readVarint()
    const kind = command & 7
    if (kind === CLOSE) continue
    if (kind !== MOVE && kind !== LINE) return
    for (let k = command >> 3; k > 0 && pbf.pos < end; k--) {
      x += pbf.readSVarint()
      y += pbf.readSVarint()
      if (kind === MOVE) parts.push(coords.n)
      coords.push(x)
      coords.push(y)
    }
  }
}

function propertyOf(pbf: PbfReader, raw: Raw, i: number, name: string): string | number | boolean | null {
  const key = raw.keys.indexOf(name)
  pbf.pos = raw.features[i]!
  const end = pbf.readVarint() + pbf.pos
  while (key >= 0 && pbf.pos < end) {
    const tag = pbf.readVarint()
    if (tag >> 3 === 2) {
      const v = readTag(pbf, key)
      const at = raw.values[v]
      return at === undefined ? null : readValue(pbf, at)
    }
    pbf.skip(tag)
  }
  return null
}
