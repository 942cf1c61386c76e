// Draws the layer of a vector tile on a canvas: areas, lines and points in the
// colours of the palette.

import { eachPart } from './hit'
import type { Model } from './model'
import { Shape, type TileLayer } from './mvt'

/** How many features are drawn before the clock is looked at. */
const STRIDE = 400
/** How many points are drawn colour by colour; a part of STRIDE. */
const FEW = 25
/** From this radius on points have a casing. */
const CASED = 4

/** A canvas with the place of a tile on it, in pixels of the page. */
export interface Sheet {
  canvas: HTMLCanvasElement
  x: number
  y: number
  side: number
  /** The part that is this tile's, in whole pixels of the map: x, y, width, height from the corner of the tile. */
  clip: [number, number, number, number]
}

/** Draws the layer of one tile after the other. */
export class Painter {
  /** Of the layer, by the number of a value. */
  private readonly colors = new Map<number, string>()
  private readonly colorOfValue: (value: string) => string
  private readonly radius: number
  private readonly casing: string
  private context!: CanvasRenderingContext2D
  private layer: TileLayer | null = null
  private unit = 1

  constructor(private readonly ratio: number, zoom: number, model: Model) {
    const css = getComputedStyle(document.documentElement)
    const tokens = new Map(model.data!.palette.map((o) => [o.key, o.token ?? 'rest']))
    this.colorOfValue = (value) => css.getPropertyValue(`--fam-${tokens.get(model.data!.colorOf(value)) ?? 'rest'}`).trim()
    this.casing = css.getPropertyValue('--map-casing').trim()
    this.radius = zoom < 6 ? 2.4 : zoom < 9 ? 3 : zoom < 12 ? 4 : 5.5
  }

  /** What is to be drawn of a layer, in small steps: areas, then lines, then points. */
  *steps({ canvas, x, y, side, clip }: Sheet, layer: TileLayer): Generator<() => void> {
    this.layer = layer
    this.colors.clear()
    this.unit = side / layer.extent
    this.context = canvas.getContext('2d')!
    this.context.setTransform(this.ratio, 0, 0, this.ratio, x * this.ratio, y * this.ratio)
    this.context.lineJoin = this.context.lineCap = 'round'
    this.context.save()
    this.context.beginPath()
    this.context.rect(...clip)
    this.context.clip()
    const n = layer.shapes.length
    for (const shape of [Shape.Area, Shape.Line, Shape.Point]) {
      if (shape === Shape.Point) this.context.restore() // symbols reach beyond the tile
      if (!layer.shapes.includes(shape)) continue
      for (let i = 0; i < n; i += STRIDE) yield () => this.some(shape, i, Math.min(n, i + STRIDE))
    }
  }

  private some(shape: Shape, from: number, to: number): void {
    const { shapes } = this.layer!
    if (shape === Shape.Point) this.points(from, to)
    else for (let i = from; i < to; i++) if (shapes[i] === shape) this.path(i, shape === Shape.Area)
  }

  /**
   * Points of one colour are one path, for filling costs more than arcs; but only of a
   * few that follow each other, and each time another colour comes first: where points
   * lie on each other, no colour is always on top.
   */
  private points(from: number, to: number): void {
    for (let at = from; at < to; at += FEW) this.few(at, Math.min(at + FEW, to))
  }

  private few(from: number, to: number): void {
    const { coords, starts, extent, shapes } = this.layer!
    const paths = new Map<string, Path2D>()
    const casing = this.radius < CASED ? null : new Path2D()
    for (let i = from; i < to; i++) {
      if (shapes[i] !== Shape.Point) continue
      const color = this.color(i)
      let path = paths.get(color)
      if (!path) paths.set(color, (path = new Path2D()))
      for (let k = starts[i]!; k < starts[i + 1]!; k += 2) {
        const x = coords[k]!
        const y = coords[k + 1]!
        // What lies in the buffer is drawn by the tile that owns it.
        if (x < 0 || y < 0 || x >= extent || y >= extent) continue
        disc(path, x * this.unit, y * this.unit, this.radius)
        if (casing) disc(casing, x * this.unit, y * this.unit, this.radius + 0.8)
      }
    }
    if (casing) this.fill(casing, this.casing)
    const all = [...paths]
    for (let k = 0; k < all.length; k++) {
      const [color, path] = all[(k + from / FEW) % all.length]!
      this.fill(path, color)
    }
  }

  private fill(path: Path2D, color: string): void {
    this.context.fillStyle = color
    this.context.fill(path)
  }

  private path(i: number, area: boolean): void {
    const { context } = this
    const { coords } = this.layer!
    context.beginPath()
    eachPart(this.layer!, i, (from, to) => {
      context.moveTo(coords[from]! * this.unit, coords[from + 1]! * this.unit)
      for (let k = from + 2; k < to; k += 2) context.lineTo(coords[k]! * this.unit, coords[k + 1]! * this.unit)
      if (area) context.closePath()
    })
    const color = this.color(i)
    context.strokeStyle = color
    context.lineWidth = area ? 1 : 1.8
    if (area) {
      context.globalAlpha = 0.22
      context.fillStyle = color
      context.fill('evenodd')
      context.globalAlpha = 1
    }
    context.stroke()
  }

  private color(i: number): string {
    const v = this.layer!.values[i]!
    let color = this.colors.get(v)
    if (color === undefined) this.colors.set(v, (color = this.colorOfValue(v < 0 ? '' : this.layer!.valueText(v))))
    return color
  }
}

function disc(path: Path2D, x: number, y: number, r: number): void {
  path.moveTo(x + r, y)
  path.arc(x, y, r, 0, 2 * Math.PI)
}
