// Files that are dropped on the page. A file of scenes is one of ours; everything
// else is a table.

import { scenesIn, type Scene } from './scenes'

interface Takers {
  /** null: a file that is named like one of scenes holds none. */
  scenes(scenes: Scene[] | null, name: string): void
  table(file: File): void
}

/** Takes files that are dropped anywhere; stage is where that is shown. */
export function takeDrops(stage: HTMLElement, takers: Takers): void {
  const holdsFile = (e: DragEvent) => e.dataTransfer?.types.includes('Files') === true
  let inside = 0
  const shown = (on: boolean) => {
    if (!on) inside = 0
    stage.classList.toggle('is-target', on)
  }
  addEventListener('dragenter', (e) => {
    if (!holdsFile(e)) return
    inside++
    shown(true)
  })
  addEventListener('dragover', (e) => {
    if (holdsFile(e)) e.preventDefault()
  })
  addEventListener('dragleave', (e) => {
    if (holdsFile(e) && --inside <= 0) shown(false)
  })
  addEventListener('drop', (e) => {
    shown(false)
    if (!holdsFile(e)) return
    e.preventDefault()
    for (const file of e.dataTransfer?.files ?? []) void take(file, takers)
  })
}

/** Hands a file to whom it is for. */
async function take(file: File, takers: Takers): Promise<void> {
  const scenes = /\.json$/i.test(file.name) ? await scenesIn(file) : null
  if (scenes || /\.scenes\.json$/i.test(file.name)) takers.scenes(scenes, file.name)
  else takers.table(file)
}
