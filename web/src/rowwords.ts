// Rows of tables in words.

import type { MessageKey } from './messages'
import type { Model } from './model'
import { size, type LonLat, type Row, type Standing } from './table'
import type { Fault, Table } from './tables'

const LEVELS: Record<string, MessageKey> = {
  province: 'levelProvince', prefecture: 'levelPrefecture', county: 'levelCounty', town: 'levelTown', zone: 'levelZone', market: 'levelMarket',
}

const PRECISIONS: Record<string, MessageKey> = {
  market: 'precisionMarket', zone: 'precisionZone', town_seat: 'precisionTownSeat', county_seat: 'precisionCountySeat', prefecture_seat: 'precisionPrefectureSeat',
  province_seat: 'precisionProvinceSeat', host_seat: 'precisionHostSeat', approximate: 'precisionApproximate', given: 'precisionGiven', corrected: 'precisionCorrected',
}

export const STANDING_NAMES: Record<Standing, MessageKey> = { certain: 'standingCertain', look: 'standingLook', unplaced: 'standingUnplaced', refused: 'standingRefused' }
export const STANDING_HINTS: Record<Standing, MessageKey> = { certain: 'standingHintCertain', look: 'standingHintLook', unplaced: 'standingHintUnplaced', refused: 'standingHintRefused' }

/** A level in words; one that is not known as it stands. */
export const levelName = (m: Model, level: string) => (LEVELS[level] ? m.t(LEVELS[level]) : level)
export const precisionName = (m: Model, precision: string) => (PRECISIONS[precision] ? m.t(PRECISIONS[precision]) : precision)

export function rowNumber(m: Model, row: Row, sheets: number): string {
  return sheets > 1 && row.sheet !== '' ? m.t('rowNumberSheet', { sheet: row.sheet, n: row.number }) : m.t('rowNumber', { n: row.number })
}

export const rowName = (m: Model, row: Row) => row.name || row.place || m.t('rowNoName')

/** Confidence as people say it; it is never told as more than it is. */
export const percent = (confidence: number) => `${Math.floor(confidence * 100 + 1e-9)}%`

export const lonLatText = ([lon, lat]: LonLat) => `${lon.toFixed(4)}, ${lat.toFixed(4)}`

/** What went wrong with a table, in words. */
export function faultText(m: Model, table: Table, fault: Fault): string {
  switch (fault.kind) {
    case 'large': return m.t('tableTooLarge', { size: size(table.file.size), most: size(fault.most) })
    case 'empty': return m.t('tableEmpty')
    case 'off': return m.t('tableOff')
    case 'unanswered': return m.t('errorTitle')
    case 'said': return fault.text
  }
}
