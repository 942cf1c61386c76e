// Focus outlives a redraw: what removes the control in use says where to go on.

/** Where focus goes, by the part of the page that it was in; the first that can be seen. */
const REFUGES: [from: string, to: string][] = [
  ['.active', '.active button'],
  ['.active', '#search'],
  ['.list', '[data-testid="list-toggle"]'],
  ['.list', '[data-tab="list"]'],
  ['.notices', '.notices button'],
  ['.side', '[data-focus^="region "]'],
  ['*', '#map'],
]

/** Draws, and where that took the focused control away puts focus on its refuge. */
export function keepFocus(draw: () => void): void {
  const had = document.activeElement as HTMLElement | null
  const from = had && had !== document.body ? REFUGES.filter(([part]) => had.closest(part) !== null) : []
  draw()
  const now = document.activeElement
  if (from.length === 0 || (now !== document.body && now !== null && visible(now))) return
  for (const [, to] of from) {
    const next = [...document.querySelectorAll<HTMLElement>(to)].find(visible)
    if (!next) continue
    next.focus({ preventScroll: true })
    return
  }
}

function visible(el: Element): boolean {
  return el.isConnected && el.checkVisibility({ visibilityProperty: true }) && el.closest('[inert]') === null
}
