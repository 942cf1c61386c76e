// Scenes of a presentation: views of the map with a name and notes, their compact form
// in the address, and the file in which they can be kept.

import type { Box } from './geojson'

export interface Scene {
  name: string
  /** For whoever presents; they go to the notes page of a slide. */
  notes: string
  /** The state of the page as its address holds it, without # and position. */
  at: string
  /** What was in view; null: all. */
  box: Box | null
}

/** As many as the server puts into one file. */
export const MOST_SCENES = 30
export const LONGEST_NAME = 200
export const LONGEST_NOTES = 2000
const LONGEST_STATE = 4000

// Within a scene ; and $ stand for & and =, which part the address; ! parts what belongs
// to a scene and * the scenes. Escaped text has none of them.

/** The scenes as a part of the address; empty where there are none. */
export function writeScenes(scenes: Scene[]): string {
  return scenes.map((s) => {
    const box = s.box ? s.box.map((v) => Math.round(v * 1e3) / 1e3).join() : ''
    const parts = [s.at.replaceAll('&', ';').replaceAll('=', '$'), box, escape(s.name), escape(s.notes)]
    return parts.join('!').replace(/!+$/, '')
  }).join('*')
}

/** Reads what writeScenes wrote. What is malformed is left out. */
export function readScenes(text: string): Scene[] {
  if (text === '') return []
  const out: Scene[] = []
  for (const part of text.split('*').slice(0, MOST_SCENES)) {
    const [at = '', box = '', name = '', notes = ''] = part.split('!')
    const scene = makeScene({ at: at.replaceAll('$', '=').replaceAll(';', '&'), box: box === '' ? null : box.split(',').map(Number), name: unescape(name), notes: unescape(notes) })
    if (scene) out.push(scene)
  }
  return out
}

/** A scene from outside, cut to what it may have; null where it is none. */
function makeScene(v: { at?: unknown; box?: unknown; name?: unknown; notes?: unknown }): Scene | null {
  if (typeof v.at !== 'string' || v.at.length > LONGEST_STATE || /[#;$!*]/.test(v.at)) return null
  if (v.box !== null && v.box !== undefined && !isBox(v.box)) return null
  const text = (t: unknown, most: number) => (typeof t === 'string' ? [...t].slice(0, most).join('') : '')
  return { at: v.at, box: isBox(v.box) ? v.box : null, name: text(v.name, LONGEST_NAME), notes: text(v.notes, LONGEST_NOTES) }
}

function isBox(v: unknown): v is Box {
  if (!Array.isArray(v) || v.length !== 4 || !v.every((x) => typeof x === 'number' && Number.isFinite(x))) return false
  const [w, s, e, n] = v as Box
  return w < e && e - w <= 360 && s < n && Math.abs(w) <= 540 && Math.abs(e) <= 540 && s >= -90 && n <= 90
}

const FILE_TYPE = 'clustermap-scenes'

export function sceneFile(scenes: Scene[]): string {
  return `${JSON.stringify({ type: FILE_TYPE, version: 1, scenes }, null, 1)}\n`
}

/** The scenes of a file; null where it holds none. */
export function readSceneFile(text: string): Scene[] | null {
  let doc: { type?: unknown; scenes?: unknown } | null
  try {
    doc = JSON.parse(text) as typeof doc
  } catch {
    return null
  }
  if (doc?.type !== FILE_TYPE || !Array.isArray(doc.scenes)) return null
  const scenes = doc.scenes.slice(0, MOST_SCENES).map((s) => (typeof s === 'object' && s !== null ? makeScene(s) : null))
  return scenes.some((s) => s === null) || scenes.length === 0 ? null : (scenes as Scene[])
}

/** A file of scenes is small. */
const LONGEST_FILE = 1_000_000

/** The scenes of a file that a reader chose; null where it holds none. */
export async function scenesIn(file: Blob): Promise<Scene[] | null> {
  return file.size <= LONGEST_FILE ? readSceneFile(await file.text()) : null
}

/** Moves one scene to another place. */
export function moved(scenes: Scene[], from: number, to: number): Scene[] {
  if (to < 0 || to >= scenes.length) return scenes
  const rest = scenes.filter((_, i) => i !== from)
  return [...rest.slice(0, to), scenes[from]!, ...rest.slice(to)]
}

function escape(s: string): string {
  return encodeURIComponent(s.replace(/\p{Surrogate}/gu, '\uFFFD')).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}

function unescape(s: string): string {
  try {
    return decodeURIComponent(s)
  } catch {
    return ''
  }
}
