// Work in pieces: what would hold up a frame is done in tasks of their own, between
// frames.

/** Milliseconds of one piece of work. */
const SLICE_MS = 12

/** Resolves in a task of its own after the next frame. */
export function afterFrame(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
}

/** Resolves in a task of its own, at once; in a page that nobody sees too, where no frame comes. */
export function ownTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve))
}

/** Does a job for each of a list and lets a frame pass whenever a piece has taken its time; false if it is no longer wanted. */
export async function inSlices<T>(list: Iterable<T>, job: (each: T) => void, wanted: () => boolean, pause = afterFrame, now = () => performance.now()): Promise<boolean> {
  let left = now() + SLICE_MS
  for (const each of list) {
    if (now() >= left) {
      await pause()
      left = now() + SLICE_MS
    }
    if (!wanted()) return false
    job(each)
  }
  return wanted()
}
