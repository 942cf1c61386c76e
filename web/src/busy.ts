// What the page waits for: a thin bar on the map, shown once an answer has taken
// longer than people notice, and words once it has taken long.

import { h } from './dom'

const PATIENCE_MS = 300
const LONG_MS = 2500

export class Busy {
  readonly el = h('div', { class: 'busy', attrs: { 'aria-hidden': 'true', 'data-testid': 'busy' } })
  /** Spoken when it is filled. */
  readonly words = h('p', { class: 'busy-words', attrs: { role: 'status', 'data-testid': 'busy-words' } })
  private waiting = 0
  private timers: ReturnType<typeof setTimeout>[] = []
  private text = ''

  constructor() {
    this.el.hidden = true
  }

  /** What is said of an answer that takes long. */
  say(text: string): void {
    this.text = text
    if (this.words.textContent !== '') this.words.textContent = text
  }

  /** Counts an answer as awaited until it is there or has failed. */
  async during<T>(answer: Promise<T>): Promise<T> {
    if (this.waiting++ === 0) {
      this.timers = [
        setTimeout(() => (this.el.hidden = false), PATIENCE_MS),
        setTimeout(() => (this.words.textContent = this.text), LONG_MS),
      ]
    }
    try {
      return await answer
    } finally {
      if (--this.waiting === 0) {
        this.timers.forEach(clearTimeout)
        this.el.hidden = true
        this.words.textContent = ''
      }
    }
  }
}
