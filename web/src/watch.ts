// The states of the data as the server tells them. A browser has six lines to a server
// that speaks HTTP/1.1, and a stream keeps one: of the pages in sight that share a
// browser one keeps the stream and tells the others.

type Revs = Record<string, string>

/** Between pages: what the stream told, or null from one that has not heard it. */
type Word = Revs | null

/** Tells of each state of the data, by collection, while the page is in sight. */
export function watchStates(told: (revs: Revs) => void): void {
  const address = new URL('events', document.baseURI).href
  const channel = new BroadcastChannel(address)
  const line = new Line(address, (revs) => {
    channel.postMessage(revs satisfies Word)
    told(revs)
  })
  let seen = false
  channel.addEventListener('message', ({ data }: MessageEvent<Word>) => {
    if (data !== null) {
      if (seen) told(data)
    } else if (line.last !== null) channel.postMessage(line.last satisfies Word)
  })
  const follow = (now: boolean) => {
    if (now === seen) return
    seen = now
    if (!now) return line.leave()
    channel.postMessage(null satisfies Word)
    line.want()
  }
  follow(!document.hidden)
  document.addEventListener('visibilitychange', () => follow(!document.hidden))
  addEventListener('pagehide', () => follow(false))
  addEventListener('pageshow', () => follow(!document.hidden))
}

/** The stream, held by the page whose turn it is; by each page where a browser has no locks, as over plain HTTP. */
class Line {
  /** What this page's stream told last; null while another page has it. */
  last: Revs | null = null
  private source: EventSource | null = null
  private turn: AbortController | null = null
  private release: () => void = () => {}

  constructor(private readonly address: string, private readonly heard: (revs: Revs) => void) {}

  want(): void {
    const turn = (this.turn = new AbortController())
    const alone = () => {
      if (!turn.signal.aborted) this.open()
    }
    if (!('locks' in navigator)) return alone()
    navigator.locks.request(this.address, { signal: turn.signal }, () => {
      if (turn.signal.aborted) return
      this.open()
      return new Promise<void>((done) => (this.release = done))
    }).catch(alone)
  }

  leave(): void {
    this.turn?.abort()
    this.source?.close()
    this.source = null
    this.last = null
    this.release()
  }

  private open(): void {
    this.source = new EventSource(this.address)
    this.source.addEventListener('state', (e: MessageEvent<string>) => {
      const { collections } = JSON.parse(e.data) as { collections?: Revs }
      if (!collections) return
      this.last = collections
      this.heard(collections)
    })
  }
}
