// What a picture shows: the map as it is now, or as a scene keeps it.

import type { Dataset } from './dataset'
import type { Box } from './geojson'
import { hexKm } from './hexsize'
import { say } from './messages'
import type { Model } from './model'
import { activeFilters } from './naming'
import type { Subject } from './picture'
import { definitionsInForce } from './regions'
import type { Scene } from './scenes'
import type { Lang } from './schema'
import { areasOf, showOf } from './showas'
import { fromHash, INITIAL, toHash, type State } from './state'

export function subjectOf(m: Model, data: Dataset, zoom: number, box: Box): Subject {
  const show = showOf(m)
  return {
    data, filters: m.state, defs: m.defs, redefined: Object.keys(m.state.definitions).length > 0, show,
    by: show === 'territory' ? areasOf(m, zoom) : show === 'hex' ? `hex:${hexKm(zoom)}` : '', box, words: { zh: filterWords(m, 'zh'), en: filterWords(m, 'en') },
  }
}

function filterWords(m: Model, lang: Lang): string {
  const tags = activeFilters({ ...m, lang, t: (key, params) => say(lang, key, params), of: (text) => text[lang] })
  return tags.map((tag) => tag.name).join(lang === 'zh' ? '；' : '; ')
}

/** The part of a state that a scene keeps: what is shown, not how the reader looks at it. */
export function sceneState(s: State): State {
  const { collection, definitions, chosen, ranges, text, area, selected, show, areas, base } = s
  return { ...INITIAL, collection, definitions, chosen, ranges, text, area, selected, show, areas, base }
}

export function sceneOf(s: State, name: string, box: Box | null): Scene {
  return { name, notes: '', at: toHash(sceneState(s)).slice(1), box }
}

/** About how wide a slide shows a map, in pixels. */
const SLIDE = 900

/** What the picture of a scene shows; data is its collection. */
export function sceneSubject(m: Model, scene: Scene, data: Dataset): Subject {
  const state = { ...m.state, ...sceneState(fromHash(scene.at)) }
  const box = scene.box ?? data.box ?? [-180, -85, 180, 85]
  const zoom = Math.log2((SLIDE / 256) * (360 / (box[2] - box[0] || 360)))
  return subjectOf({ ...m, state, data, defs: definitionsInForce(m.regions, state.definitions) }, data, zoom, box)
}
