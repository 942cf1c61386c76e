// Cuts Noto Sans SC down to the characters that the page can show, and Inter (for
// the English page) to Latin, as woff2 in web/fonts. Characters outside fall back
// to the reader's own fonts.
//
// The server draws pictures with the same faces as TrueType, in web/print. People
// type titles and bring their own data, so these also hold the 3,755 common
// characters of GB 2312, and the binary grows by at most PRINT_LIMIT.

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import subsetFont from 'subset-font'

const here = dirname(fileURLToPath(import.meta.url))
const fonts = join(here, 'node_modules', '@expo-google-fonts')
const out = join(here, 'fonts')
const print = join(here, 'print')
const PRINT_LIMIT = 4e6

/** Which texts each face shows: all of them, names and labels, or Latin only. */
const FACES = [
  { name: 'noto-sans-sc-400', file: 'noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf', from: ['data', 'base', 'page'] },
  { name: 'noto-sans-sc-500', file: 'noto-sans-sc/500Medium/NotoSansSC_500Medium.ttf', from: ['names', 'page'] },
  { name: 'noto-sans-sc-700', file: 'noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf', from: ['names', 'page'] },
  { name: 'inter-400', file: 'inter/400Regular/Inter_400Regular.ttf', from: null },
  { name: 'inter-500', file: 'inter/500Medium/Inter_500Medium.ttf', from: null },
  { name: 'inter-700', file: 'inter/700Bold/Inter_700Bold.ttf', from: null },
]

/** The faces of web/print. Noto Sans SC has Chinese, full width forms of these quotes and dashes. */
const PRINTED = [
  { name: 'noto-sans-sc-400', file: FACES[0].file, chinese: true },
  { name: 'noto-sans-sc-500', file: FACES[1].file, chinese: true },
  { name: 'noto-sans-sc-700', file: FACES[2].file, chinese: true },
  { name: 'latin-marks-400', file: FACES[3].file, chinese: false },
  { name: 'latin-marks-500', file: FACES[4].file, chinese: false },
  { name: 'latin-marks-700', file: FACES[5].file, chinese: false },
]
const LATIN_MARKS = ' ‘’“”–—…·'

const LATIN = range(0x20, 0x7e) + range(0xa0, 0x17f) + '–—‘’“”…•·×÷≤≥≈→←↑↓′″€£¥°±²³½¼¾µ'
/** Pinyin with tones, Greek, Cyrillic and Vietnamese, as far as the face has them. */
const LETTERS = range(0x1cd, 0x1dc) + range(0x386, 0x3ce) + range(0x401, 0x451) + range(0x1ea0, 0x1ef9)
const SYMBOLS = range(0x2460, 0x2473) + range(0x2160, 0x216b) + '☆★○●◎◇◆□■△▲▽▼※℃№㎡㎏㎜㎝㎞∞∴∵√∑∏∫≠≡∈∩∪⊥∥∠⊙⌒♀♂§'
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
await writePrint()

/** Writes the TrueType faces, without hints and layout features, which drawing does not use. */
async function writePrint() {
  const shown = Object.values(texts).join('') + await gather(join(here, '..', 'data', 'codes'), ['.csv']) + await gather(join(here, '..', 'geo', 'render'), ['.go'])
  const chinese = [...new Set(LATIN + LETTERS + CHINESE + SYMBOLS + common() + shown)].join('')
  await mkdir(print, { recursive: true })
  let size = 0
  for (const face of PRINTED) {
    const characters = face.chinese ? chinese : LATIN_MARKS
    const font = await subsetFont(await readFile(join(fonts, face.file)), characters, {
      targetFormat: 'sfnt', noHinting: true, keepFeatures: [],
      dropTables: ['BASE', 'STAT', 'GPOS', 'GSUB', 'GDEF', 'vhea', 'vmtx', 'gasp', 'DSIG'],
    })
    await writeFile(join(print, `${face.name}.ttf`), font)
    size += font.length
    console.log(`print: ${face.name}  ${[...characters].length} characters  ${(font.length / 1000).toFixed(0)} kB`)
  }
  if (size > PRINT_LIMIT) throw new Error(`print: the faces take ${size} bytes, more than ${PRINT_LIMIT}`)
  console.log(`print: ${(size / 1000).toFixed(0)} kB in all`)
}

/** The first level of GB 2312, by use. */
function common() {
  const decoder = new TextDecoder('gb2312')
  const bytes = []
  for (let row = 0xb0; row <= 0xd7; row++) {
    for (let cell = 0xa1; cell <= (row === 0xd7 ? 0xf9 : 0xfe); cell++) bytes.push(row, cell)
  }
  return decoder.decode(Uint8Array.from(bytes))
}

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
