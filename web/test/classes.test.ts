import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { classesOf } from '../src/classes'

// Pictures of the server draw the same classes: geo/render/classes_test.go reads the same file.
test('classes are those of pictures', () => {
  const cases = JSON.parse(readFileSync(new URL('../../geo/render/testdata/classes.json', import.meta.url), 'utf8')) as { counts: number[]; classes: [number, number | null, number][] }[]
  expect(cases.length).toBeGreaterThan(50)
  for (const c of cases) expect(classesOf(c.counts).map((k) => [k.from, k.to, k.n])).toEqual(c.classes)
})
