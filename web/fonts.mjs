// Cuts Noto Sans SC down to the characters that the page can show, and Inter (for
// the English page) to Latin, as woff2 in web/fonts. Characters outside fall back
// to the reader's own fonts.

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import subsetFont from 'subset-font'

const here = dirname(fileURLToPath(import.meta.url))
const fonts = join(here, 'node_modules', '@expo-google-fonts')
const out = join(here, 'fonts')

/** Which texts each face shows: all of them, names and labels, or Latin only. */
const FACES = [
  { name: 'noto-sans-sc-400', file: 'noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf', from: ['data', 'base', 'page'] },
  { name: 'noto-sans-sc-500', file: 'noto-sans-sc/500Medium/NotoSansSC_500Medium.ttf', from: ['names', 'page'] },
  { name: 'noto-sans-sc-700', file: 'noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf', from: ['names', 'page'] },
  { name: 'inter-400', file: 'inter/400Regular/Inter_400Regular.ttf', from: null },
  { name: 'inter-500', file: 'inter/500Medium/Inter_500Medium.ttf', from: null },
  { name: 'inter-700', file: 'inter/700Bold/Inter_700Bold.ttf', from: null },
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
for (const { name, file, from } of FACES) {
  const text = from === null ? LATIN : LATIN + CHINESE + from.map((key) => texts[key]).join('')
  const characters = [...new Set(text)].join('')
  const font = await subsetFont(await readFile(join(fonts, file)), characters, { targetFormat: 'woff2' })
  await writeFile(join(out, `${name}.woff2`), font)
  total += font.length
  console.log(`fonts: ${name}  ${[...characters].length} characters  ${(font.length / 1000).toFixed(0)} kB`)
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
