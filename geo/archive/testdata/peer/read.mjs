// Reads a PMTiles file as browsers do. Standard input is {file, tiles: [[z,x,y]…]};
// the answer is the header, the metadata, and of each tile its number, the SHA-256
// of its bytes, and of its layers the features.
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { PMTiles, zxyToTileId } from "pmtiles";
import { VectorTile } from "@mapbox/vector-tile";
import { PbfReader } from "pbf";

class FileSource {
  constructor(handle, name) {
    this.handle = handle;
    this.name = name;
  }
  getKey() {
    return this.name;
  }
  async getBytes(offset, length) {
    const { bytesRead, buffer } = await this.handle.read(Buffer.alloc(length), 0, length, offset);
    return { data: buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + bytesRead) };
  }
}

function layersOf(data) {
  const out = {};
  for (const [name, layer] of Object.entries(new VectorTile(new PbfReader(data)).layers)) {
    out[name] = [];
    for (let i = 0; i < layer.length; i++) {
      const f = layer.feature(i);
      out[name].push({ id: f.id, type: f.type, extent: layer.extent, properties: f.properties, geometry: f.loadGeometry() });
    }
  }
  return out;
}

const ask = JSON.parse(readFileSync(0, "utf8"));
const handle = await open(ask.file);
const archive = new PMTiles(new FileSource(handle, ask.file));
const tiles = [];
for (const [z, x, y] of ask.tiles) {
  const found = await archive.getZxy(z, x, y);
  const tile = { id: zxyToTileId(z, x, y) };
  if (found) {
    const bytes = new Uint8Array(found.data);
    tile.sha256 = createHash("sha256").update(bytes).digest("hex");
    if (ask.vector) tile.layers = layersOf(bytes);
  }
  tiles.push(tile);
}
console.log(JSON.stringify({ header: await archive.getHeader(), metadata: await archive.getMetadata(), tiles }));
await handle.close();
