// Puts the page together and does nothing else.
//
// Hooks that tests may rely on, besides roles and accessible names:
//   data-feature-id   symbols on the map (.mark), rows of the list (.row), members of a group
//   data-group        a group or closed stack on the map
//   data-region       region rows: yrd, prd, bohai, none (elsewhere), all
//   data-definition   the select of a region's definition; data-only  "only this region"
//   data-count        the number beside a region or an option
//   data-facet, data-option   a filter and one of its options; data-range  a number filter
//   data-filter       the tag of a filter in force
//   data-notice, data-act     a notice (loading, empty, error, own, unknown, lacking, offline, vanished) and its actions
//   data-n            how many features a group stands for
//   data-show         how the collection is drawn: groups, territory, hex, features
//   data-held, data-areas  how many features the areas of a shaded map stand for, and how many areas have an outline
//   data-drawn        "true" on the pane of tiles once all in view are drawn
//   data-found, data-found-id  a suggestion of the search and what it is
//   data-tab, data-sheet      tabs and stops of the sheet on a phone
//   data-download     a format in the menu of downloads
//   data-scene, data-scene-row   a dot and a row of a scene; data-scenes-as  the scenes as a file
//   data-share, data-copy     an address in the menu of sharing
//   data-choice, data-part  a choice in the panel of pictures, and what it shows
//   data-label        a name on the map
//   data-table        a table of the reader in the panel; data-stage  what the server does with the one that is open
//   data-standing, data-n     rows by confidence (certain, look, unplaced, refused) and how many there are
//   data-row, data-number     a row of a table and its number in the file; data-code  where it was put
//   data-alternative, data-column  a place that was rejected, and the select of a column's role
//   body[data-work]   the view of the workbench that is open; data-layer  what its map shows; data-chart  a chart of it
//   data-draw, data-around    a tool for drawing a selection, and how a place is taken; data-sum  a sum of the selection
//   data-parts        bars of what the selection is made of, each with data-facet, data-option and data-n
//   data-time, data-bin       a handle of the time and a bar of its histogram
//   data-testid       work-back, work-side, concentration, compare, total, list-toggle, list-near, list-more, download, share, language, theme, open-panel, copy-link,
//                     group-zoom, group-list, picture, picture-dialog, picture-preview, picture-checks, picture-size, picture-download,
//                     picture-address, picture-clipboard, picture-note, present, present-start, present-stop, presenter, scenes, scene-save,
//                     table-open, table-file, table-panel, table-close, table-kept, table-stop, table-fault, table-retry, table-other,
//                     table-dismiss, table-remove, table-remove-yes, table-gone, take-geojson, take-mapping, publish, publish-name,
//                     publish-go, publish-replace, publish-open, publish-said, columns, row-find, rows-more, row-back, row-previous,
//                     row-next, row-put, row-corrected, row-move, row-set, row-cancel, row-undo, row-pin, place-search,
//                     area, selection, area-name, area-total, area-km, area-place, area-region, area-view, area-again, area-fit, area-link, area-clear, area-close,
//                     area-said, draw-pane, timeline, time-now, scenes-keep, scenes-open, embed-link, members-more, areas, base, busy, busy-words, dropped, cursor
//   body[data-ready]  set once data and base map are drawn

import 'leaflet/dist/leaflet.css'
import './tokens.css'
import '../fonts/fonts.css'
import './page.css'
import './panel.css'
import './card.css'
import './map.css'
import './showing.css'
import './picture.css'
import './scenes.css'
import './table.css'
import './print.css'
import './workbench.css'
import './adapt.css'
import { ApiError, fetchPage } from './api'
import { Backdrops } from './backdrop'
import { Busy } from './busy'
import { Card } from './card'
import { h, icon, setAttrs } from './dom'
import { takeDrops } from './drops'
import { Explore } from './explore'
import type { Dataset, Item } from './dataset'
import { keepFocus } from './focus'
import { boxOf, type Box } from './geojson'
import { FoundThings } from './found'
import { GroupCard } from './groupcard'
import { near } from './groupread'
import { Header } from './header'
import { LabelView } from './labelview'
import { Layout } from './layout'
import { LegendView } from './legend'
import { ListView } from './list'
import { Loader, troubleOf } from './loader'
import { MapView } from './mapview'
import { Marks } from './marks'
import { knownOnly, makeModel, type Model } from './model'
import { Notices } from './notices'
import { Overlay } from './overlay'
import { definitionsInForce } from './regions'
import { PictureDialog } from './picturedialog'
import { Presentation } from './presentation'
import { preparePrinting } from './printing'
import { RegionView } from './regionview'
import type { Wanted } from './remote'
import { persistent } from './retry'
import type { Lang } from './schema'
import { ScenesView } from './scenesview'
import { ShapeView } from './shapeview'
import { ShareMenu } from './share'
import { ShowView } from './showing'
import { onlyPassing, onlyPointed, Store, toHash, type Key, type Theme } from './state'
import { subjectOf } from './subject'
import { TableDesk } from './tabledesk'
import { Tools } from './tools'
import { watchStates } from './watch'
import { Workbench } from './workbench'

function start(app: HTMLElement): void {
  let model: Model | null = null
  const darkSystem = matchMedia('(prefers-color-scheme: dark)')
  const system = () => ({ lang: systemLanguage(), theme: (darkSystem.matches ? 'dark' : 'light') as Theme })

  // In the page of another the state may stand in the query, and going back is that page's.
  const store = new Store({
    read: () => (location.hash.length > 1 || !EMBEDDED ? location.hash || '#' : `#${location.search.slice(1)}`),
    write: (hash, step) => (step && !EMBEDDED ? history.pushState(null, '', hash) : history.replaceState(null, '', hash)),
  })
  const busy = new Busy()
  const loader = new Loader(busy, {
    wanted: () => store.state.collection,
    changed: () => refresh(null),
    question: (data) => question(data),
    vanished: (id) => vanished(id),
    instead: (collection) => store.correct({ collection }),
    places: (places) => {
      labels.setPlaces(places)
      overlay.setPlaces(places)
    },
    base: () => void loadBase(),
  })

  const copyLink = () => navigator.clipboard.writeText(location.href).then(() => true, () => false)
  const header = new Header(store, (f) => model && found.follow(f, model))
  const skip = h('button', { class: 'skip', attrs: { type: 'button' }, on: { click: () => toSearch() } })
  const layout = new Layout(store, header.el, () => relayout())
  app.append(skip)
  layout.setBare(EMBEDDED || store.state.playing !== null)
  layout.mount(app)
  const map = new MapView(layout.mapRoot, store, () => layout.insets())
  const shapes = new ShapeView(map, store)
  const labels = new LabelView(map, () => layout.covers())
  new ResizeObserver(() => labels.later()).observe(header.el) // the tools stand below it on a phone
  const marks = new Marks(map, store, (shown) => labels.setShown(shown))
  const overlay = new Overlay(map, store, marks, busy, { failed: (err) => failed(err), drawn: () => model && showing.update(model, overlay.seen) })
  const open = (item: Item) => {
    store.set({ selected: item.id, group: null, drawer: false })
    travel(item)
  }
  const travel = (item: Item) => {
    if (item.lon === null || item.lat === null) return
    const area = areaOf(item)
    if (area) {
      store.set({ flight: { box: area, point: null, zoom: null, n: map.nextFlight() } })
      return
    }
    const lon = near(item.lon, map.map.getCenter().lng)
    const shown = marks.markOf(item.id)
    if (shown && shown.kind !== 'group' && !(loader.sources.data?.remote && map.map.getZoom() < CLOSE)) map.reveal(item.lat, lon, 60)
    else store.set({ flight: { box: null, point: [lon, item.lat], zoom: marks.soloZoom(item.id, map.map.getZoom()), n: map.nextFlight() } })
  }
  const found = new FoundThings(map, store, open)
  const list = new ListView(store, layout.body, open, () => loader.sources.remote?.more())
  const card = new Card(store, (id) => marks.focus(id), open, copyLink)
  const group = new GroupCard(store, {
    shown: (key) => marks.byKey(key) ?? overlay.byKey(key), open, failed: (err) => failed(err),
    focus: (key) => overlay.focus(key) || marks.focusKey(key),
    members: async (url, signal) => {
      const page = await busy.during(persistent(() => fetchPage(url, signal), signal))
      return { items: page.features.map((f) => loader.sources.data!.item(f)), matched: page.matched, next: page.next }
    },
    point: (shown) => map.map.latLngToContainerPoint([shown.lat, shown.lon]), room: () => layout.room(),
  })
  map.map.on('move zoomend', () => group.place())
  const regions = new RegionView(store)
  const showing = new ShowView(store)
  const backdrops = new Backdrops(map, store)
  const legend = new LegendView(store)
  const explore = new Explore(map, store, () => refresh(null))
  const pictures = new PictureDialog()
  const presentation = new Presentation(store)
  const scenes = new ScenesView(store, presentation, () => map.freeBox())
  const subject = () => model?.data ? subjectOf(model, model.data, map.map.getZoom(), map.freeBox()) : null
  const title = () => (model ? pageTitle(model) : '')
  const tools = new Tools(store, new ShareMenu(subject, title), {
    picture: () => {
      const shown = subject()
      if (model && shown) pictures.open({ subject: shown, lang: model.lang, dark: model.theme === 'dark', home: store.state.view === null, title: title() })
    },
    scenes: () => {
      if (!scenes.open) tables.close()
      scenes.toggle(!scenes.open)
    },
    table: null,
  })
  const tables = new TableDesk(map, store, {
    begun: (enabled) => {
      tools.acts.table = enabled ? () => (store.state.layout === 'phone' ? toTables() : tables.choose()) : null
      refresh(null)
    },
    opening: () => scenes.open && scenes.toggle(false),
  })
  /** Files cannot be dropped on a phone, and its sheet hides the list: the tool leads there. */
  const toTables = () => {
    store.set({ tab: 'regions', snap: 'half', selected: null, group: null })
    setTimeout(() => tables.list.enter())
  }
  const work = new Workbench(store, map, layout.stage, () => relayout())
  const link = h('a', { class: 'embed-link', attrs: { target: '_blank', rel: 'noopener', 'data-testid': 'embed-link' } }, icon('share'), h('span'))
  const notices = new Notices(store, { retry: () => retry(), reload: () => location.reload(), dismiss: () => loader.dismiss() })

  layout.body.append(explore.el, regions.el, showing.el, explore.time, legend.el, backdrops.el, tables.list.el, regions.book, list.el)
  app.append(pictures.el)
  layout.stage.before(work.head)
  layout.stage.after(work.side)
  if (EMBEDDED) layout.stage.append(link)
  else takeDrops(layout.stage, { scenes: (found, name) => scenes.take(found, name), table: (file) => tables.take(file) })
  layout.stage.append(scenes.el, tables.el, tables.word, presentation.el, busy.el, busy.words, tools.el, work.over, card.el, group.el, notices.el)

  const toSearch = () => {
    if (store.state.layout === 'middle') store.set({ drawer: true })
    header.focusSearch()
  }
  /** What the page asks of a collection that the server keeps. */
  function question(data: Dataset): Wanted {
    const state = { ...store.state, ...knownOnly(store.state, { ...loader.sources, data }) }
    return {
      filters: state, defs: definitionsInForce(loader.sources.regions, state.definitions), lang: state.lang ?? system().lang, sort: state.sort,
      box: state.near ? map.box() : null, selected: state.selected,
    }
  }
  /** A group of an older state is gone with it: the new state is on its way, or is asked for now. */
  function failed(err: unknown): void {
    if (err instanceof ApiError && err.status === 410) void loader.renew()
    else loader.refused(err)
  }
  function retry(): void {
    loader.retry()
    overlay.retry()
  }
  function vanished(id: string): void {
    if (store.state.selected !== id) return
    store.correct({ selected: null })
    loader.sources.status.vanished = true
  }
  function refresh(changed: Set<Key> | null): void {
    keepFocus(() => draw(changed))
  }
  function draw(changed: Set<Key> | null): void {
    const before = model
    if (loader.sources.data && loader.sources.data.id === store.state.collection && !onlyPointed(changed)) loader.sources.remote?.want(question(loader.sources.data))
    if (model && onlyPassing(changed)) {
      model = { ...model, state: store.state }
      list.update(model, changed)
      map.update(model, changed)
      marks.update(model, changed)
      shapes.light(model)
      overlay.light(model)
      regions.light(model)
      legend.light(model)
      explore.light(model)
      return
    }
    if (model && changed !== null && [...changed].every((k) => k === 'scenes')) {
      model = { ...model, state: store.state }
      scenes.update(model)
      return
    }
    store.correct(knownOnly(store.state, loader.sources))
    model = makeModel(store.state, loader.sources, system())
    dress(model, skip)
    busy.say(model.t('waiting'))
    layout.update(model)
    header.update(model)
    regions.update(model)
    legend.update(model, changed)
    explore.update(model)
    list.update(model, changed)
    card.update(model, changed)
    tools.update(model)
    scenes.update(model)
    tables.update(model)
    presentation.update(model)
    setAttrs(link, { href: `./${toHash({ ...model.state, scenes: [], playing: null })}` })
    link.lastElementChild!.textContent = model.t('openWhole')
    notices.update(model)
    labels.update(model)
    map.update(model, changed)
    backdrops.update(model)
    shapes.update(model)
    marks.update(model, changed)
    overlay.update(model)
    showing.update(model, overlay.seen)
    group.update(model)
    work.update(model)
    if (model.selected && !changed?.has('flight')) reveal(model.selected, before, changed)
  }
  /** A link to an item without a position opens on the item; else the card must not cover it. */
  function reveal(item: Item, before: Model | null, changed: Set<Key> | null): void {
    if (item.lon === null || item.lat === null) return
    const area = areaOf(item)
    if (before?.data?.id !== model!.data?.id && store.state.view === null) {
      if (area) map.revealBox(area)
      else map.show([item.lon, item.lat], marks.soloZoom(item.id, LINK_ZOOM))
    } else if (changed?.has('selected')) {
      if (area) map.revealBox(area)
      else map.reveal(item.lat, near(item.lon, map.map.getCenter().lng))
    }
  }
  function relayout(): void {
    if (!model) return
    refresh(null)
    map.resized()
  }

  async function loadBase(data = Promise.resolve()): Promise<void> {
    if (!(await map.base.load(data))) loader.lack('base')
    else loader.found('base')
  }
  /** A failure of our own is not the server's: it has a notice of its own. */
  const broken = (err: unknown) => {
    if (!(err instanceof Error) || err instanceof ApiError || err.name === 'AbortError' || loader.sources.status.error?.kind === 'own') return
    loader.sources.status.error = troubleOf(err, null)
    if (model) notices.update(model)
  }
  addEventListener('error', (e) => broken(e.error))
  addEventListener('unhandledrejection', (e) => broken(e.reason))

  store.subscribe((changed) => {
    if (changed.has('playing')) layout.setBare(EMBEDDED || store.state.playing !== null)
    if (changed.has('collection')) loader.follow()
    refresh(changed)
  })
  const follow = () => {
    const before = JSON.stringify(store.state.scenes)
    store.follow()
    const { playing, scenes } = store.state
    if (playing !== null && JSON.stringify(scenes) !== before) presentation.goTo(playing)
  }
  addEventListener('popstate', follow)
  addEventListener('hashchange', follow)
  darkSystem.addEventListener('change', () => refresh(null))

  preparePrinting(layout.stage)
  if (EMBEDDED) {
    document.body.classList.add('is-embed')
    store.correct({ work: null, about: {} })
  }
  presentation.open()
  refresh(null)
  watchStates((revs) => loader.heard(revs))
  const first = loader.load()
  void Promise.all([first, loadBase(first)]).then(() => (document.body.dataset['ready'] = 'true'))
  void first.then(() => presentation.arrive())
  // What a first view does not show waits until it is drawn.
  void first.then(() => backdrops.load()).then(() => refresh(null))
  if (!EMBEDDED) void first.then(() => tables.begin())
}

/** The page is shown inside another, as the map alone. */
const EMBEDDED = /\/embed$/.test(location.pathname)

/** At which a link to an item opens at least: its province and neighbours are in view. */
const LINK_ZOOM = 6

/** Below this zoom a feature that was chosen from a long list is flown to. */
const CLOSE = 9

/** The box of a line or an area; null for a point. */
function areaOf(item: Item): Box | null {
  const box = boxOf([item.geometry])
  return box && (box[2] > box[0] || box[3] > box[1]) ? box : null
}

function pageTitle(m: Model): string {
  return m.data && !m.data.isAtlas ? m.of(m.data.schema.title) : m.t('title')
}

/** Language, theme and title of the document. */
function dress(m: Model, skip: HTMLElement): void {
  const root = document.documentElement
  root.lang = m.lang === 'zh' ? 'zh-Hans' : 'en'
  root.dataset['theme'] = m.theme
  root.classList.toggle('is-presenting', m.state.playing !== null)
  const page = pageTitle(m)
  document.title = m.selected ? `${m.of(m.selected.name)} · ${page}` : page
  skip.textContent = m.t('skip')
}

function systemLanguage(): Lang {
  return navigator.languages.some((l) => l.toLowerCase().startsWith('zh')) ? 'zh' : 'en'
}

// Reading the program and starting it are two tasks.
setTimeout(() => start(document.getElementById('app')!))
