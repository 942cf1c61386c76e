// Reads a tile from standard input and prints its features, one JSON array a line:
// layer, version, extent, id, type, properties, lines of positions.
import {VectorTile} from '@mapbox/vector-tile';
import Pbf from 'pbf';
import {readFileSync} from 'node:fs';

const tile = new VectorTile(new Pbf(readFileSync(0)));
for (const [name, layer] of Object.entries(tile.layers)) {
  for (let i = 0; i < layer.length; i++) {
    const f = layer.feature(i);
    const lines = f.loadGeometry().map(line => line.map(p => [p.x, p.y]));
    console.log(JSON.stringify([name, layer.version, layer.extent, f.id, f.type, f.properties, lines]));
  }
}
