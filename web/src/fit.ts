// How the page and its map divide the room of a window.

import type { LayoutName } from './state'

export interface Insets {
  top: number
  right: number
  bottom: number
  left: number
}

/** Least part of each side of the map that is left to what it shows. */
const LEAST = 0.4

/**
 * Wide from 1024 px, a phone below 640; a phone held sideways is too low for a
 * sheet and has the drawer of the middle layout.
 */
export function layoutOf(width: number, height: number): LayoutName {
  if (width >= 1024) return 'wide'
  return width >= 640 || (height < 480 && width > height * 1.2) ? 'middle' : 'phone'
}

/** The insets, shrunk where they would leave less than LEAST of a side. */
export function clampInsets(i: Insets, width: number, height: number): Insets {
  const across = factor(i.left + i.right, width)
  const down = factor(i.top + i.bottom, height)
  return { left: i.left * across, right: i.right * across, top: i.top * down, bottom: i.bottom * down }
}

function factor(taken: number, size: number): number {
  const most = size * (1 - LEAST)
  return taken > most ? most / taken : 1
}
