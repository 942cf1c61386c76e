// The tables that a reader opened: they are sent to the server to be read, sent again
// with what was corrected, and kept in this browser. The server keeps nothing, so
// each reading has the whole file and the whole mapping, and its answer is all that
// is true of the table.

import { ApiError, fetchImportTerms, sendTable, type ImportTerms } from './api'
import { readAnswer } from './tableanswer'
import { corrected, withRole, type Correction, type LonLat, type Mapping, type Row, type TableAnswer } from './table'
import type { Shelf } from './tableshelf'
import type { Lang } from './schema'

export type Stage =
  | { kind: 'ready' }
  | { kind: 'sending'; part: number }
  | { kind: 'reading' }
  | { kind: 'waiting' }
  | { kind: 'failed'; fault: Fault }

export type Fault = { kind: 'large'; most: number } | { kind: 'empty' } | { kind: 'off' } | { kind: 'unanswered' } | { kind: 'said'; text: string }

export interface Table {
  id: string
  name: string
  /** One of the own colours, from 0. */
  colour: number
  file: Blob
  answer: TableAnswer | null
  lang: Lang
  stage: Stage
  /** Where rows are to stand by corrections that the server has not answered; null: nobody knows yet. */
  pending: Map<string, LonLat | null>
  /** It is kept in this browser. */
  kept: boolean
  at: number
}

export const MOST_TABLES = 6
export const OWN_COLOURS = 3

/** How often a server that is busy is asked. */
const TRIES = 6

export class Tables {
  list: Table[] = []
  terms: ImportTerms | null = null
  /** Names of tables of an earlier visit that the browser did not keep. */
  gone: string[] = []
  private readonly runs = new Map<string, AbortController>()
  private readonly wanted = new Map<string, Mapping | null>()

  /** changed is told after each change, with the table that it was of, if it was of one. */
  constructor(private readonly shelf: Shelf, private readonly lang: () => Lang, private readonly changed: (table: Table | null) => void) {}

  /** Learns what the server takes and what is left of an earlier visit. */
  async begin(): Promise<void> {
    const shelf = this.shelf.all()
    this.terms = await fetchImportTerms().catch(() => null)
    this.changed(null)
    const { kept, gone } = await shelf
    for (const k of kept) {
      if (this.list.some((t) => t.id === k.id)) continue // dropped, read and kept since
      const answer = readAnswer(k.answer)
      if (answer) this.list.push({ id: k.id, name: k.name, colour: k.colour, file: k.file, answer, lang: k.lang === 'zh' ? 'zh' : 'en', stage: { kind: 'ready' }, pending: new Map(), kept: true, at: k.at })
    }
    this.gone = gone
    this.shelf.settle(kept)
    this.changed(null)
  }

  /** Opens a file; null where there are as many tables as there may be. */
  take(file: File): Table | null {
    if (this.list.length >= MOST_TABLES) return null
    const used = new Set(this.list.map((t) => t.colour))
    const free = Array.from({ length: OWN_COLOURS }, (_, i) => i).find((i) => !used.has(i)) ?? this.list.length % OWN_COLOURS
    const at = Date.now()
    const table: Table = {
      id: `${at.toString(36)}-${Math.random().toString(36).slice(2, 8)}`, name: file.name, colour: free, file, answer: null,
      lang: this.lang(), stage: { kind: 'sending', part: 0 }, pending: new Map(), kept: false, at,
    }
    this.list = [...this.list, table]
    const fault = this.refusal(file)
    if (fault) this.stand(table, { kind: 'failed', fault })
    else void this.read(table, null)
    return table
  }

  private refusal(file: File): Fault | null {
    if (this.terms && !this.terms.enabled) return { kind: 'off' }
    if (file.size === 0) return { kind: 'empty' }
    return this.terms && this.terms.maxBytes > 0 && file.size > this.terms.maxBytes ? { kind: 'large', most: this.terms.maxBytes } : null
  }

  /** Puts a row where a person says, or back to where the server put it. */
  correct(table: Table, row: Row, c: Correction | null): void {
    const mapping = this.mappingOf(table)
    if (!mapping || row.id === '') return
    table.pending.set(row.key, c === null ? null : c.point)
    void this.read(table, corrected(mapping, row.id, c))
  }

  setRole(table: Table, column: string, role: string): void {
    const mapping = this.mappingOf(table)
    if (mapping) void this.read(table, withRole(mapping, column, role))
  }

  /** Reads again what is told in another language than the page has now. */
  speak(): void {
    for (const t of this.list) if (t.answer && t.lang !== this.lang() && t.stage.kind === 'ready') void this.read(t, this.mappingOf(t))
  }

  /** Tries again what failed. */
  retry(table: Table): void {
    void this.read(table, this.wanted.get(table.id) ?? this.mappingOf(table))
  }

  stop(table: Table): void {
    this.runs.get(table.id)?.abort()
    this.runs.delete(table.id)
    this.forget(table)
    if (table.answer) this.stand(table, { kind: 'ready' })
    else this.remove(table)
  }

  /** Goes on with what was last read, after a change that failed. */
  dismiss(table: Table): void {
    this.forget(table)
    if (table.answer) this.stand(table, { kind: 'ready' })
    else this.remove(table)
  }

  remove(table: Table): void {
    this.runs.get(table.id)?.abort()
    this.runs.delete(table.id)
    this.list = this.list.filter((t) => t !== table)
    void this.shelf.drop(table.id)
    this.changed(table)
  }

  private forget(table: Table): void {
    this.wanted.delete(table.id)
    table.pending.clear()
  }

  /** What was asked for last: the next change comes on top of it. */
  private mappingOf(table: Table): Mapping | null {
    return this.wanted.get(table.id) ?? table.answer?.mapping ?? null
  }

  /** Sends the file with a mapping. A later reading of the same table takes its place. */
  private async read(table: Table, mapping: Mapping | null): Promise<void> {
    this.runs.get(table.id)?.abort()
    const run = new AbortController()
    this.runs.set(table.id, run)
    if (mapping) this.wanted.set(table.id, mapping)
    const lang = this.lang()
    this.stand(table, { kind: 'sending', part: 0 })
    try {
      const doc = await this.asked(table, mapping, lang, run.signal)
      const answer = readAnswer(doc)
      if (!answer) throw new ApiError('not an answer to a table', 'import', 200, '')
      if (run.signal.aborted) return
      this.forget(table)
      Object.assign(table, { answer, lang })
      this.stand(table, { kind: 'ready' })
      table.kept = await this.shelf.put({ id: table.id, name: table.name, colour: table.colour, file: table.file, answer: doc, lang, at: table.at })
      if (!this.list.includes(table)) void this.shelf.drop(table.id)
      this.changed(table)
    } catch (err) {
      if (run.signal.aborted) return
      this.stand(table, { kind: 'failed', fault: faultOf(err) })
    } finally {
      if (this.runs.get(table.id) === run) this.runs.delete(table.id)
    }
  }

  private async asked(table: Table, mapping: Mapping | null, lang: Lang, signal: AbortSignal): Promise<unknown> {
    for (let tried = 1; ; tried++) {
      try {
        return await sendTable(table.file, table.name, mapping, lang, (part) => {
          if (!signal.aborted) this.stand(table, part < 1 ? { kind: 'sending', part } : { kind: 'reading' })
        }, signal)
      } catch (err) {
        if (!(err instanceof ApiError) || err.status !== 503 || err.again === null || tried === TRIES) throw err
        this.stand(table, { kind: 'waiting' })
        await pause(err.again, signal)
      }
    }
  }

  private stand(table: Table, stage: Stage): void {
    table.stage = stage
    this.changed(table)
  }
}

function faultOf(err: unknown): Fault {
  if (!(err instanceof ApiError)) throw err
  return err.detail === '' ? { kind: 'unanswered' } : { kind: 'said', text: err.detail }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, failed) => {
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      failed(new DOMException('stopped', 'AbortError'))
    }, { once: true })
  })
}
