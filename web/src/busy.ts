// What the page waits for: a thin bar on the map, shown once an answer has taken
// longer than people notice.

import { h } from './dom'

const PATIENCE_MS = 300

export class Busy {
  readonly el = h('div', { class: 'busy', attrs: { 'aria-hidden': 'true', 'data-testid': 'busy' } })
  private waiting = 0
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor() {
    this.el.hidden = true
  }

  /** Counts an answer as awaited until it is there or has failed. */
  async during<T>(answer: Promise<T>): Promise<T> {
    if (this.waiting++ === 0) this.timer = setTimeout(() => (this.el.hidden = false), PATIENCE_MS)
    try {
      return await answer
    } finally {
      if (--this.waiting === 0) {
        clearTimeout(this.timer)
        this.el.hidden = true
      }
    }
  }
}
