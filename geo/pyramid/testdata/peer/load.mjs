// Loads points into supercluster as a page would and prints what it took. The
// first argument is a file of records of three doubles: longitude, latitude and
// population, which is added up.
import { readSync, openSync, fstatSync } from "node:fs";
import Supercluster from "supercluster";

const file = openSync(process.argv[2]);
const count = fstatSync(file).size / 24;
const features = new Array(count);
const part = Buffer.alloc(24 * 65536);
for (let i = 0; i < count; ) {
  const length = readSync(file, part);
  const record = new Float64Array(part.buffer, part.byteOffset, length / 8);
  for (let k = 0; k < record.length; k += 3, i++) {
    features[i] = {
      type: "Feature",
      geometry: { type: "Point", coordinates: [record[k], record[k + 1]] },
      properties: { population: record[k + 2] },
    };
  }
}
const before = process.memoryUsage().rss;
const begin = performance.now();
const index = new Supercluster({
  minZoom: 0,
  maxZoom: 18,
  radius: 60,
  extent: 256,
  map: (p) => ({ population: p.population }),
  reduce: (sum, p) => {
    sum.population += p.population;
  },
}).load(features);
const seconds = (performance.now() - begin) / 1000;
const peak = process.resourceUsage().maxRSS * 1024;
const levels = [];
for (let zoom = 0; zoom <= 18; zoom++) {
  levels.push(index.trees[zoom].numItems);
}
console.log(JSON.stringify({ seconds, before, peak, levels }));
