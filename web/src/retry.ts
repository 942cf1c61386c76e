// Asking again where a server or a network failed for a moment.

import { ApiError } from './api'

const TRIES = 3
const PAUSE_MS = 600

function offline(): boolean {
  return typeof navigator !== 'undefined' && navigator.onLine === false
}

/** Tries a request three times, but not again what the server refused or where there is no network. */
export async function persistent<T>(request: () => Promise<T>, signal: AbortSignal, wait = pause): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await request()
    } catch (err) {
      if (!(err instanceof ApiError)) throw err
      err.tries = tries
      const refused = err.status !== null && err.status < 500
      if (tries >= TRIES || refused || signal.aborted || offline()) throw err
      await wait(PAUSE_MS * tries)
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
