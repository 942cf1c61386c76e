// What a first visit needs to know, in under a minute, and where the rest stands.

import './help.css'
import { h, icon, replace } from './dom'
import type { Lang, Text } from './schema'

interface Item {
  name: Text
  words: Text
}

const WORDS = {
  title: { zh: '一分钟看懂这张地图', en: 'This map in a minute' },
  close: { zh: '关闭', en: 'Close' },
  more: { zh: '更多', en: 'More' },
  methods: { zh: '统计方法：每种问什么、怎样算、怎样读、何时不用', en: 'Statistics: what each asks, its formula, how it is read, when not to use it' },
  data: { zh: '数据：来源、许可、完整性、已知缺陷', en: 'Data: sources, licences, completeness, known faults' },
  api: { zh: '接口：供 QGIS、ArcGIS 与程序使用', en: 'API: for QGIS, ArcGIS and programs' },
} satisfies Record<string, Text>

const ITEMS: Item[] = [
  { name: { zh: '看', en: 'See' }, words: { zh: '每个符号是一个集群：颜色是行业，形状是级别，空心与虚线表示点位不精确。数字圆盘是合并的，点开就分散。', en: 'Each symbol is a cluster: its colour is the trade, its shape the level; hollow or dashed means that the point is not exact. A disc with a number stands for several: press it and they part.' } },
  { name: { zh: '找与筛', en: 'Find and filter' }, words: { zh: '搜索可用中文、英文和拼音。图例就是筛选：按一项，地图、列表和数字一起变。', en: 'Search in Chinese, English or pinyin. The legend is the filter: press a line, and map, list and numbers follow.' } },
  { name: { zh: '圈选', en: 'Select' }, words: { zh: '用矩形、套索、圆、地区或政区圈出一块，看它自己的数字。', en: 'Choose a part by rectangle, lasso, circle, region or division, and see its own numbers.' } },
  { name: { zh: '集聚分析', en: 'Analysis' }, words: { zh: '一个行业集中在哪里，是不是比偶然更集中；每句话旁边都有“怎样算的”。', en: 'Where a trade concentrates, and whether that is more than chance; “How computed” stands beside every sentence.' } },
  { name: { zh: '地区对比', en: 'Compare' }, words: { zh: '两到四个地区并排，并看换一种定义结论还在不在。', en: 'Two to four regions side by side, and whether the answer survives another definition.' } },
  { name: { zh: '带走', en: 'Take along' }, words: { zh: '图片和幻灯片、报告、数据下载、链接；地址栏里的链接就是您眼前的画面。', en: 'Pictures and slides, reports, data, links; the address of the page is what you see.' } },
  { name: { zh: '键盘', en: 'Keyboard' }, words: { zh: '地图上：箭头移动，+ − 缩放，N 和 P 换符号，Enter 打开，Esc 返回。', en: 'On the map: arrows pan, + − zoom, N and P go to the next and previous symbol, Enter opens, Esc goes back.' } },
]

const DATA_PAGE = 'collections?f=html'

/** Opens the help above the page; focus goes back to where it was. */
export function openHelp(lang: Lang): void {
  const dialog = h('dialog', { class: 'help', attrs: { 'aria-labelledby': 'help-title', 'data-testid': 'help' } })
  const link = (href: string, words: Text) => h('li', {}, h('a', { text: words[lang], attrs: { href: `./${href}`, target: '_blank', rel: 'noopener' } }))
  replace(dialog,
    h('div', { class: 'help-head' }, h('h2', { text: WORDS.title[lang], attrs: { id: 'help-title' } }),
      h('button', { class: 'help-close', attrs: { type: 'button', 'aria-label': WORDS.close[lang], title: WORDS.close[lang] }, on: { click: () => dialog.close() } }, icon('close'))),
    h('dl', {}, ...ITEMS.flatMap((i) => [h('dt', { text: i.name[lang] }), h('dd', { text: i.words[lang] })])),
    h('h3', { text: WORDS.more[lang] }),
    h('ul', {}, link(`statistics?f=html&lang=${lang}`, WORDS.methods), link(`${DATA_PAGE}&lang=${lang}`, WORDS.data), link(`api?f=html&lang=${lang}`, WORDS.api)))
  dialog.addEventListener('close', () => dialog.remove())
  dialog.addEventListener('click', (e) => e.target === dialog && dialog.close())
  document.body.append(dialog)
  dialog.showModal()
}
