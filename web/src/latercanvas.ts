// A canvas of Leaflet that is drawn in tasks of its own after the map came to rest,
// not in the one that ends the movement. Until then its picture stands as it was, moved
// and scaled with the map.

import L from 'leaflet'
import { afterFrame, inSlices } from './frames'

/** What renderers of Leaflet have and its types leave out. */
interface Renderer {
  _map: L.Map | null
  _layers: Record<string, { _project(): void }>
  _bounds?: L.Bounds
  _update(): void
  _updateTransform(center: L.LatLng, zoom: number): void
}

export class LaterCanvas extends L.Canvas {
  private turn = 0
  /** Whether the zoom changed since the paths were projected. */
  private stale = false

  override getEvents(): Record<string, L.LeafletEventHandlerFn> {
    const { viewprereset: _, ...events } = super.getEvents!() as Record<string, L.LeafletEventHandlerFn>
    return {
      ...events,
      viewreset: () => this.place(),
      zoomend: () => {
        this.stale = true
      },
      moveend: () => void this.follow(++this.turn),
    }
  }

  /** Moves and scales the picture to a view that the map took at once; a moveend comes after it. */
  private place(): void {
    const { _map: map, _bounds: bounds } = this as unknown as Renderer
    if (map && bounds) (this as unknown as Renderer)._updateTransform(map.getCenter(), map.getZoom())
    this.stale = true
  }

  private async follow(turn: number): Promise<void> {
    const renderer = this as unknown as Renderer
    const zoom = renderer._map?.getZoom()
    const wanted = () => turn === this.turn && renderer._map !== null && renderer._map.getZoom() === zoom
    await afterFrame()
    if (this.stale) {
      // A path may be gone by its turn.
      if (!(await inSlices(Object.keys(renderer._layers), (id) => renderer._layers[id]?._project(), wanted))) return
      await afterFrame()
    }
    if (!wanted()) return
    this.stale = false
    renderer._update()
  }
}
