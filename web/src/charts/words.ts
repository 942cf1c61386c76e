// What the tools of a chart are called.

import type { Lang, Text } from '../schema'

const WORDS = {
  asTable: { zh: '看成表格', en: 'Show as a table' },
  asChart: { zh: '看成图', en: 'Show as a chart' },
  take: { zh: '带走', en: 'Take along' },
  copyPicture: { zh: '复制图片', en: 'Copy picture' },
  copyFigures: { zh: '复制数据 CSV', en: 'Copy figures CSV' },
  savePng: { zh: '图片 PNG', en: 'Picture PNG' },
  saveSvg: { zh: '图片 SVG', en: 'Picture SVG' },
  saveCsv: { zh: '数据 CSV', en: 'Figures CSV' },
  copied: { zh: '图片已在剪贴板，可直接粘贴。', en: 'The picture is on the clipboard; paste it where you need it.' },
  copiedFigures: { zh: '数据已在剪贴板，可粘贴到表格或文字里。', en: 'The figures are on the clipboard, for a spreadsheet or a text.' },
  figuresNotCopied: { zh: '浏览器不让复制，请存成 CSV。', en: 'The browser did not allow it; save the CSV instead.' },
  notCopied: { zh: '浏览器不让复制，请存成 PNG。', en: 'The browser did not allow it; save the PNG instead.' },
} satisfies Record<string, Text>

export type ChartWord = keyof typeof WORDS

export function chartWord(lang: Lang, key: ChartWord): string {
  return WORDS[key][lang]
}
