// The page on paper: the map as large as a sheet lying across holds it, what it means
// beside or below it. The sheet has another size than the window; the map is drawn as it stands there and made
// to fit, for a map that is drawn anew is not finished when the browser takes the page.

/** Of A4 across without its margins, in pixels: a map with the legend beside it, and one with the legend below. */
const BESIDE = { w: 720, h: 640 }
const BELOW = { w: 1040, h: 490 }

/** How much larger than on the screen the map is. */
export function paperScale(width: number, height: number): number {
  const fit = ({ w, h }: typeof BELOW) => Math.min(w / Math.max(1, width), h / Math.max(1, height))
  return Math.max(fit(BESIDE), fit(BELOW))
}

export function preparePrinting(stage: HTMLElement): void {
  addEventListener('beforeprint', () => {
    const { clientWidth: w, clientHeight: h } = stage
    const set = (name: string, value: string) => stage.style.setProperty(name, value)
    set('--paper-w', `${w}px`)
    set('--paper-h', `${h}px`)
    set('--paper-k', String(paperScale(w, h)))
  })
}
