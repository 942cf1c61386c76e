// Distances on the ellipsoid WGS 84, as the server measures them: the inverse and the
// direct problem by Vincenty's series, to less than a millimetre.

/** Longitude and latitude in degrees. */
export type LonLat = [number, number]

const A = 6378137
const F = 1 / 298.257223563
const B = A * (1 - F)
const RAD = Math.PI / 180
const MOST_STEPS = 200

/** The distance of two points in metres; nearly opposite points, where the series does not settle, are half the world apart. */
export function distance([lon1, lat1]: LonLat, [lon2, lat2]: LonLat): number {
  const l = (lon2 - lon1) * RAD
  const u1 = Math.atan((1 - F) * Math.tan(lat1 * RAD))
  const u2 = Math.atan((1 - F) * Math.tan(lat2 * RAD))
  const [s1, c1, s2, c2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)]
  let lambda = l
  for (let i = 0; i < MOST_STEPS; i++) {
    const sl = Math.sin(lambda)
    const cl = Math.cos(lambda)
    const sinS = Math.hypot(c2 * sl, c1 * s2 - s1 * c2 * cl)
    if (sinS === 0) return 0
    const cosS = s1 * s2 + c1 * c2 * cl
    const sigma = Math.atan2(sinS, cosS)
    const sinA = (c1 * c2 * sl) / sinS
    const cosA2 = 1 - sinA * sinA
    const cosM = cosA2 === 0 ? 0 : cosS - (2 * s1 * s2) / cosA2
    const c = (F / 16) * cosA2 * (4 + F * (4 - 3 * cosA2))
    const before = lambda
    lambda = l + (1 - c) * F * sinA * (sigma + c * sinS * (cosM + c * cosS * (2 * cosM * cosM - 1)))
    if (Math.abs(lambda - before) > 1e-12) continue
    const [a, b] = series(cosA2)
    return B * a * (sigma - correction(b, sinS, cosS, cosM))
  }
  return Math.PI * B
}

/** The point so many metres from another in a direction, clockwise from north. */
export function destination([lon, lat]: LonLat, metres: number, degrees: number): LonLat {
  const bearing = degrees * RAD
  const [sa, ca] = [Math.sin(bearing), Math.cos(bearing)]
  const tan1 = (1 - F) * Math.tan(lat * RAD)
  const c1 = 1 / Math.hypot(1, tan1)
  const s1 = tan1 * c1
  const sigma1 = Math.atan2(tan1, ca)
  const sinA = c1 * sa
  const cosA2 = 1 - sinA * sinA
  const [a, b] = series(cosA2)
  let sigma = metres / (B * a)
  for (let i = 0; i < MOST_STEPS; i++) {
    const before = sigma
    const cosM = Math.cos(2 * sigma1 + sigma)
    sigma = metres / (B * a) + correction(b, Math.sin(sigma), Math.cos(sigma), cosM)
    if (Math.abs(sigma - before) < 1e-12) break
  }
  const cosM = Math.cos(2 * sigma1 + sigma)
  const [ss, cs] = [Math.sin(sigma), Math.cos(sigma)]
  const lat2 = Math.atan2(s1 * cs + c1 * ss * ca, (1 - F) * Math.hypot(sinA, s1 * ss - c1 * cs * ca))
  const lambda = Math.atan2(ss * sa, c1 * cs - s1 * ss * ca)
  const c = (F / 16) * cosA2 * (4 + F * (4 - 3 * cosA2))
  const l = lambda - (1 - c) * F * sinA * (sigma + c * ss * (cosM + c * cs * (2 * cosM * cosM - 1)))
  return [lon + l / RAD, lat2 / RAD]
}

function series(cosA2: number): [number, number] {
  const u = (cosA2 * (A * A - B * B)) / (B * B)
  return [1 + (u / 16384) * (4096 + u * (u * (320 - 175 * u) - 768)), (u / 1024) * (256 + u * (u * (74 - 47 * u) - 128))]
}

function correction(b: number, sinS: number, cosS: number, cosM: number): number {
  const m = 2 * cosM * cosM - 1
  return b * sinS * (cosM + (b / 4) * (cosS * m - (b / 6) * cosM * (4 * sinS * sinS - 3) * (4 * cosM * cosM - 3)))
}
