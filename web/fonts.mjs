// Cuts Noto Sans SC down to the characters that the page can show, as woff2 in
// web/fonts. Characters outside fall back to the reader's own fonts.

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import subsetFont from 'subset-font'

const here = dirname(fileURLToPath(import.meta.url))
const source = join(here, 'node_modules', '@expo-google-fonts', 'noto-sans-sc')
const out = join(here, 'fonts')

/** What each weight is used for: text of all kinds, names and labels, titles and figures. */
const WEIGHTS = [
  { weight: 400, file: '400Regular/NotoSansSC_400Regular.ttf', from: ['data', 'base', 'page'] },
  { weight: 500, file: '500Medium/NotoSansSC_500Medium.ttf', from: ['names', 'page'] },
  { weight: 700, file: '700Bold/NotoSansSC_700Bold.ttf', from: ['names', 'page'] },
]

const LATIN = range(0x20, 0x7e) + range(0xa0, 0x17f) + '–—‘’“”…•·×÷≤≥≈→←↑↓′″€£¥°±²³½¼¾µ'
const CHINESE = range(0x3000, 0x3011) + '！（），。：；？、《》「」『』【】〔〕…—～￥％０１２３４５６７８９'

const texts = {
  data: await gather(join(here, '..', 'data'), ['.geojson', '.schema.json', 'industries.json']),
  base: await gather(join(here, '..', 'data', 'base'), ['.geojson']),
  names: await names(join(here, '..', 'data')),
  page: await gather(join(here, 'src'), ['messages.ts']),
}

await mkdir(out, { recursive: true })
let total = 0
for (const { weight, file, from } of WEIGHTS) {
  const characters = [...new Set(LATIN + CHINESE + from.map((key) => texts[key]).join(''))].join('')
  const font = await subsetFont(await readFile(join(source, file)), characters, { targetFormat: 'woff2' })
  await writeFile(join(out, `noto-sans-sc-${weight}.woff2`), font)
  total += font.length
  console.log(`fonts: ${weight}  ${[...characters].length} characters  ${(font.length / 1000).toFixed(0)} kB`)
}
console.log(`fonts: ${(total / 1000).toFixed(0)} kB in all`)

/** All text of the files of a folder whose names end in one of the endings. */
async function gather(folder, endings) {
  const files = await readdir(folder).catch(() => [])
  const wanted = files.filter((f) => endings.some((end) => f.endsWith(end))).sort()
  return (await Promise.all(wanted.map((f) => readFile(join(folder, f), 'utf8')))).join('')
}

/** Values of the properties that stand in medium or bold: names, places, trades, labels. */
async function names(folder) {
  const text = await gather(folder, ['.geojson', '.schema.json', 'industries.json'])
  const found = text.matchAll(/"(?:name|trade|division|prefecture|province|short|region|title|topic|measure|unit|zh|places)[a-z0-9_-]*"\s*:\s*(?:\[[^\]]*\]|"[^"]*")/g)
  return [...found].map((m) => m[0]).join('')
}

function range(first, last) {
  return Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i)).join('')
}
