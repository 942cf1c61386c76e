// What the tools of a chart are called.

import type { Lang, Text } from '../schema'

const WORDS = {
  asTable: { zh: '看成表格', en: 'Show as a table' },
  asChart: { zh: '看成图', en: 'Show as a chart' },
  take: { zh: '带走', en: 'Take along' },
  copyPicture: { zh: '复制图片', en: 'Copy picture' },
  savePng: { zh: '图片 PNG', en: 'Picture PNG' },
  saveSvg: { zh: '图片 SVG', en: 'Picture SVG' },
  saveCsv: { zh: '数据 CSV', en: 'Figures CSV' },
  copied: { zh: '图片已在剪贴板，可直接粘贴。', en: 'The picture is on the clipboard; paste it where you need it.' },
  notCopied: { zh: '浏览器不让复制，请存成 PNG。', en: 'The browser did not allow it; save the PNG instead.' },
} satisfies Record<string, Text>

export function chartWord(lang: Lang, key: keyof typeof WORDS): string {
  return WORDS[key][lang]
}
