// GCJ-02 and BD-09, the offsets of maps published in China, for drawing on such
// a map. Package geo/crs of the server has the same formulas and says where they
// come from; both are held by data/crs/offset-vectors.json.

/** Where the offsets apply, as rings of longitude, latitude (geo/crs/border.json). */
export interface Border {
  china: Ring[]
  taiwan: Ring[]
}

type Ring = readonly (readonly number[])[]

export type LonLat = readonly [lon: number, lat: number]

/** Moves positions between WGS 84 and a map. */
export interface Offset {
  toMap(p: LonLat): LonLat
  fromMap(q: LonLat): LonLat
}

/** AutoNavi's offset: in the mainland, Hong Kong and Macao. */
export function gcj02(border: Border): Offset {
  return within((p) => inside(border.china, p), gcjShift, (q) => solve(gcjShift, q))
}

/** Baidu's offset: where that of AutoNavi applies, and in Taiwan. */
export function bd09(border: Border): Offset {
  const area = (p: LonLat) => inside(border.china, p) || inside(border.taiwan, p)
  return within(area, (p) => bdShift(gcjShift(p)), (q) => solve(gcjShift, solve(bdShift, q)))
}

/**
 * Leaves alone what is not in the area. Near its border a position of the map can
 * come from inside and from outside; the inside wins.
 */
function within(area: (p: LonLat) => boolean, forward: (p: LonLat) => LonLat, inverse: (q: LonLat) => LonLat): Offset {
  return {
    toMap: (p) => (area(p) ? forward(p) : p),
    fromMap: (q) => {
      const p = inverse(q)
      return area(p) ? p : q
    },
  }
}

/** Whether an odd number of rings surrounds a position. */
function inside(rings: Ring[], [x, y]: LonLat): boolean {
  let odd = false
  for (const ring of rings) {
    let [ux, uy] = ring[0] as LonLat
    for (const at of ring) {
      const [vx, vy] = at as LonLat
      if (uy > y !== vy > y && x < ux + ((y - uy) / (vy - uy)) * (vx - ux)) odd = !odd
      ux = vx
      uy = vy
    }
  }
  return odd
}

const degree = Math.PI / 180
const krasovsky = 6378245
const eccentricitySquared = 0.00669342162296594323

const wave = (length: number, at: number) => Math.sin((at * Math.PI) / length)

function gcjShift([lon, lat]: LonLat): LonLat {
  const x = lon - 105
  const y = lat - 35
  const both = ((20 * wave(1 / 6, x) + 20 * wave(1 / 2, x)) * 2) / 3
  const root = Math.sqrt(Math.abs(x))
  const baseY = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + both
  const north = baseY + ((20 * wave(1, y) + 40 * wave(3, y) + 160 * wave(12, y) + 320 * wave(30, y)) * 2) / 3
  const baseX = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + both
  const east = baseX + ((20 * wave(1, x) + 40 * wave(3, x) + 150 * wave(12, x) + 300 * wave(30, x)) * 2) / 3
  const w = 1 - eccentricitySquared * Math.sin(lat * degree) ** 2
  const meridian = (krasovsky * (1 - eccentricitySquared)) / (w * Math.sqrt(w))
  const parallel = (krasovsky / Math.sqrt(w)) * Math.cos(lat * degree)
  return [lon + east / parallel / degree, lat + north / meridian / degree]
}

function bdShift([lon, lat]: LonLat): LonLat {
  const turn = 3000 * degree
  const r = Math.hypot(lon, lat) + 0.00002 * Math.sin(lat * turn)
  const angle = Math.atan2(lat, lon) + 0.000003 * Math.cos(lon * turn)
  return [r * Math.cos(angle) + 0.0065, r * Math.sin(angle) + 0.006]
}

/** What f moves to q, by iteration. */
function solve(f: (p: LonLat) => LonLat, q: LonLat): LonLat {
  let p = q
  for (let i = 0; i < 20; i++) {
    const [x, y] = f(p)
    const dx = q[0] - x
    const dy = q[1] - y
    p = [p[0] + dx, p[1] + dy]
    if (Math.abs(dx) < 1e-13 && Math.abs(dy) < 1e-13) break
  }
  return p
}
