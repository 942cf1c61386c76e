// Where the tables of a reader outlive the page: a database of this browser, one for
// each address that the map has on a server. Nothing of it goes anywhere.

export interface Kept {
  id: string
  name: string
  colour: number
  file: Blob
  /** The answer of the server, as it came. */
  answer: unknown
  /** The language that its reasons are in. */
  lang: string
  /** When it was opened. */
  at: number
}

const STORE = 'tables'

export class Shelf {
  private readonly name = `clustermap ${new URL('.', document.baseURI).pathname}`
  private base: Promise<IDBDatabase> | null = null

  /** All that was kept, in the order in which it was opened, and the names of what is gone. */
  async all(): Promise<{ kept: Kept[]; gone: string[] }> {
    const noted = this.noted()
    const kept = await this.run<Kept[]>('readonly', (s) => s.getAll()).catch((): Kept[] => [])
    kept.sort((a, b) => a.at - b.at)
    const ids = new Set(kept.map((k) => k.id))
    return { kept, gone: Object.entries(noted).filter(([id]) => !ids.has(id)).map(([, name]) => name) }
  }

  /** Keeps a table; false where the browser does not let it. */
  async put(one: Kept): Promise<boolean> {
    this.note({ ...this.noted(), [one.id]: one.name })
    return this.run('readwrite', (s) => s.put(one)).then(() => true, () => false)
  }

  async drop(id: string): Promise<void> {
    const { [id]: _, ...rest } = this.noted()
    this.note(rest)
    await this.run('readwrite', (s) => s.delete(id)).catch(() => undefined)
  }

  /** Forgets the names of what is gone, once that was told. */
  settle(kept: Kept[]): void {
    this.note(Object.fromEntries(kept.map((k) => [k.id, k.name])))
  }

  private open(): Promise<IDBDatabase> {
    this.base ??= new Promise<IDBDatabase>((done, failed) => {
      const r = indexedDB.open(this.name, 1)
      r.onupgradeneeded = () => r.result.createObjectStore(STORE, { keyPath: 'id' })
      r.onsuccess = () => {
        // Another page wants it gone: the next use opens it anew.
        r.result.onversionchange = () => {
          r.result.close()
          this.base = null
        }
        done(r.result)
      }
      r.onerror = () => failed(r.error)
      r.onblocked = () => failed(new Error('blocked'))
    })
    return this.base
  }

  private async run<T>(mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest): Promise<T> {
    const tx = (await this.open()).transaction(STORE, mode)
    const r = ask(tx.objectStore(STORE))
    return new Promise<T>((done, failed) => {
      tx.oncomplete = () => done(r.result as T)
      tx.onerror = tx.onabort = () => failed(tx.error)
    })
  }

  /** The names of tables are remembered apart, so that the loss of one can be told. */
  private noted(): Record<string, string> {
    try {
      const all = JSON.parse(localStorage.getItem(this.name) ?? '{}') as unknown
      return all !== null && typeof all === 'object' ? (all as Record<string, string>) : {}
    } catch {
      return {}
    }
  }

  private note(names: Record<string, string>): void {
    try {
      if (Object.keys(names).length === 0) localStorage.removeItem(this.name)
      else localStorage.setItem(this.name, JSON.stringify(names))
    } catch {
      // A browser that keeps nothing has nothing to tell after a reload either.
    }
  }
}
