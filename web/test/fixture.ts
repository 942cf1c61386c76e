import { makeDataset, type Dataset } from '../src/dataset'
import type { Feature, Geometry, Properties } from '../src/geojson'
import { readSchema, type CollectionSchema } from '../src/schema'

const one = (value: string, zh: string, en: string, group?: string) => ({ const: value, title: en, 'x-title': { zh, en }, ...(group ? { 'x-group': group } : {}) })

/** A small copy of the schema of the clusters. */
export const clusterSchema: CollectionSchema = readSchema({
  title: 'Clusters',
  'x-title': { en: 'Clusters', zh: '集群' },
  properties: {
    geometry: { 'x-ogc-role': 'primary-geometry', format: 'geometry-point' },
    name_zh: { type: 'string', 'x-clustermap-role': 'name', 'x-lang': 'zh', 'x-hidden': true },
    name_en: { type: 'string', 'x-clustermap-role': 'name', 'x-lang': 'en', 'x-hidden': true },
    name_pinyin: { type: 'string', 'x-clustermap-role': 'name', 'x-lang': 'zh-Latn', 'x-hidden': true },
    industry: {
      type: 'string', 'x-clustermap-role': 'category', 'x-title': { zh: '行业', en: 'Trade' },
      oneOf: [one('silk', '丝绸', 'Silk', 'textiles'), one('garments', '服装', 'Garments', 'textiles'), one('ceramics', '陶瓷', 'Ceramics', 'ceramics')],
      'x-groups': { textiles: { zh: '纺织服装', en: 'Textiles' }, ceramics: { zh: '陶瓷石材', en: 'Ceramics' } },
    },
    trade_zh: { type: 'string', 'x-hidden': true },
    division_zh: { type: 'string', 'x-hidden': true },
    level: { type: 'string', 'x-clustermap-role': 'shape', oneOf: [one('county', '县级', 'County'), one('town', '镇', 'Town')] },
    origin: { type: ['string', 'null'], oneOf: [one('market_pull', '市场', 'Market')] },
    precision: { type: 'string', 'x-clustermap-role': 'precision', oneOf: [one('county_seat', '县', 'Seat'), one('host_seat', '宿主', 'Host'), one('approximate', '近似', 'Approximate')] },
    firms: { type: ['number', 'null'], 'x-unit': { zh: '家', en: '' } },
  },
}, 'clusters')

export function feature(id: string | number, properties: Properties, at: [number, number] | Geometry | null = [120, 30]): Feature {
  const geometry = Array.isArray(at) ? { type: 'Point' as const, coordinates: at } : at
  return { type: 'Feature', id, geometry, properties }
}

const cluster = (id: string, zh: string, en: string, pinyin: string, rest: Properties, at: [number, number]) =>
  feature(id, { name_zh: zh, name_en: en, name_pinyin: pinyin, origin: null, firms: null, ...rest }, at)

export const features = [
  cluster('shengze', '吴江盛泽丝绸产业', 'Shengze silk (Wujiang)', 'wu jiang sheng ze si chou chan ye',
    { industry: 'silk', trade_zh: '丝绸', level: 'town', precision: 'county_seat', regions: ['yrd16', 'yrd25'], division_zh: '吴江区', firms: 200 }, [120.67, 30.91]),
  cluster('shengzhou', '嵊州领带', 'Shengzhou neckties', 'sheng zhou ling dai',
    { industry: 'garments', trade_zh: '领带', level: 'county', precision: 'county_seat', regions: ['yrd16', 'yrd25'], division_zh: '嵊州市' }, [120.82, 29.6]),
  cluster('yiwu', '义乌陶瓷', 'Yiwu ceramics', 'yi wu tao ci',
    { industry: 'ceramics', trade_zh: '陶瓷', level: 'county', precision: 'host_seat', regions: ['yrd25'], division_zh: '义乌市', origin: 'market_pull', firms: 50 }, [120.08, 29.32]),
  cluster('fuzhou', '福州CRT陶瓷', 'Fuzhou CRT ceramics', 'fu zhou crt tao ci',
    { industry: 'ceramics', trade_zh: '陶瓷', level: 'county', precision: 'approximate', regions: [], division_zh: '福州市', firms: 120 }, [119.31, 26.06]),
]

export const clusters: Dataset = makeDataset('clusters', clusterSchema, features, features.length)
