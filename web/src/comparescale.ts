// The ground scale of a map in Web Mercator, by its zoom and the latitude of its middle.

/** Metres to a pixel at zoom 0 and the equator. */
const METRES = 156_543.033_92

export const groundScale = (zoom: number, lat: number) => (METRES * Math.cos((lat * Math.PI) / 180)) / 2 ** zoom
export const zoomAt = (scale: number, lat: number) => Math.log2((METRES * Math.cos((lat * Math.PI) / 180)) / scale)
