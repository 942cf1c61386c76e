// Cuts Noto Sans SC down to the characters that the page can show, and Inter (for
// the English page) to Latin, as woff2 in web/fonts with the style sheet that names
// them. The Chinese faces are in slices, of which a browser fetches those whose
// characters it shows. Characters outside fall back to the reader's own fonts.
//
// The server draws pictures with the same faces as TrueType, in web/print. People
// type titles and bring their own data, so these also hold the 3,755 common
// characters of GB 2312, and the binary grows by at most PRINT_LIMIT.

import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
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

const FAMILIES = { 'noto-sans-sc': 'Noto Sans SC', inter: 'Inter' }

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

/** What a first view of the atlas shows in Chinese: the first slice. A text beyond it costs another slice, nothing more. */
const FIRST = '、。《》一七三上下不与业东丝个中为主义乌九也书云五些产享京仅他以件价份企会似位余佛你例供信候值像元先全六兰兴其具冀再分划列创别到刷务动包化北区医千协单南占印历县发取变口只可台史号合吉名呼和品唐商器四回因国图圆在地场型垣城境备夏外多大天头子字孵宁安定宜家宾宿对小就尺层居属山岛川州工已市带帽年并广庄庆序底度建开式形影律徐得德徽心息意成我打技拉拖拼排搜放政数文料新方日昆昌明是显景更最有服未本术机杂材条析林标格桂械植模正武比汉江汽沈沙沪河沿泉津济浙浩海渤温港湖湾源演澳灰点烟片牌特狭玩环珠瓷甘用电界的皮省看矢石示福科称移稍空立童符第等筛简算米类粤精索级纲纺织绍绸网置群联聚肃能自色苏药莞菲行表裂装西要规角计设说请读调贵资起跳车载辑边辽达近返还连选通郑部都重量金钟银链镇长门阳陕陶集青革鞋音额食饰驱驻高鲁黄（），：'
const FIRST_BOLD = '。三业中产以位候先别到务动区取可合器国图在地型多大层已并底度式我搜方显更服格正海渤源环珠用的示移稍筛算类精索级置群聚行表角请读起跳还选长门集，'
/** Characters of the other slices. */
const SLICE = 320

const texts = {
  data: await gather(join(here, '..', 'data'), ['.geojson', '.schema.json', 'industries.json']),
  base: await gather(join(here, '..', 'data', 'base'), ['.geojson']),
  names: await names(join(here, '..', 'data')),
  page: await gather(join(here, 'src'), ['.ts']) + await gather(join(here, 'src', 'charts'), ['.ts']),
}

await rm(out, { recursive: true, force: true })
await mkdir(out, { recursive: true })
let total = 0
const sheet = ['/* Cut by fonts.mjs from @expo-google-fonts/noto-sans-sc and @expo-google-fonts/inter (both SIL Open Font License 1.1). */']
for (const { name, file, from } of FACES) {
  const face = await readFile(join(fonts, file))
  const [, family, weight] = /^(.*)-(\d+)$/.exec(name)
  for (const [i, characters] of slices(from, weight).entries()) {
    const slice = `${name}-${i}`
    const font = await subsetFont(face, characters, { targetFormat: 'woff2', noHinting: true, keepFeatures: ['kern', 'mark', 'mkmk', 'ccmp', 'locl', 'tnum'] })
    await writeFile(join(out, `${slice}.woff2`), font)
    sheet.push(`@font-face { font-family: "${FAMILIES[family]}"; font-weight: ${weight}; font-display: swap; src: url("./${slice}.woff2") format("woff2"); unicode-range: ${unicodeRange(characters)}; }`)
    total += font.length
    console.log(`fonts: ${slice}  ${[...characters].length} characters  ${(font.length / 1000).toFixed(0)} kB`)
  }
}
await writeFile(join(out, 'fonts.css'), `${sheet.join('\n')}\n`)
console.log(`fonts: ${(total / 1000).toFixed(0)} kB in all`)
await writePrint()

/** The characters of a face, by slice: the first view, then what the page says, then what only data have. */
function slices(from, weight) {
  const seen = new Set()
  const fresh = (text) => [...new Set(text)].filter((c) => c >= ' ' && !seen.has(c) && seen.add(c)).sort()
  const plain = range(0x20, 0x7e) + '–—‘’“”…•·×−'
  if (from === null) return [fresh(plain).join(''), fresh(LATIN).join('')]
  const out = [fresh(plain).join(''), fresh(weight === '700' ? FIRST_BOLD : FIRST).join('')]
  for (const text of [LATIN + CHINESE, from.includes('page') ? texts.page : '', from.filter((key) => key !== 'page').map((key) => texts[key]).join('')]) {
    const rest = fresh(text)
    for (let i = 0; i < rest.length; i += SLICE) out.push(rest.slice(i, i + SLICE).join(''))
  }
  return out
}

function unicodeRange(characters) {
  const codes = [...characters].map((c) => c.codePointAt(0)).sort((a, b) => a - b)
  const ranges = []
  for (const code of codes) {
    if (ranges.at(-1)?.[1] === code - 1) ranges.at(-1)[1] = code
    else ranges.push([code, code])
  }
  return ranges.map(([a, b]) => `U+${a.toString(16)}${a === b ? '' : `-${b.toString(16)}`}`).join(',')
}

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
