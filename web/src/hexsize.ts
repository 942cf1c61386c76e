// Which hexagons a zoom shows. They have equal ground area, so the same series
// serves all regions; on the screen they are larger in the north.

/** Kilometres across flats. */
export const HEX_KM = [1, 2, 5, 10, 20, 50, 100, 200, 500]

/** About how wide a hexagon should be on the screen, in pixels. */
const WIDE = 34
/** Of China. */
const MIDDLE_LATITUDE = 33
const EARTH_KM = 40_075.016686

/** The size for a zoom, the nearest of the series by ratio. It does not depend on the part of the map in view. */
export function hexKm(zoom: number): number {
  const perPixel = (EARTH_KM * Math.cos((MIDDLE_LATITUDE * Math.PI) / 180)) / (256 * 2 ** zoom)
  const ideal = WIDE * perPixel
  return HEX_KM.reduce((a, b) => (Math.abs(Math.log(b / ideal)) < Math.abs(Math.log(a / ideal)) ? b : a))
}
