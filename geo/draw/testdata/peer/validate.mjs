// Validates presentations, named as arguments, as Microsoft's Open XML SDK does, and
// prints what it finds: a JSON array of arrays, one for each file.
import {readFile} from 'node:fs/promises';
import validate from '@ooxml-tools/validate';

const found = [];
for (const name of process.argv.slice(2)) {
  const data = new Uint8Array(await readFile(name));
  const faults = [];
  for (const version of ['Office2007', 'Microsoft365']) {
    for (const f of await validate(data, 'pptx', version)) {
      faults.push(`${version}: ${f.path.partUri} ${f.path.xpath}: ${f.description}`);
    }
  }
  found.push(faults);
}
console.log(JSON.stringify(found));
process.exit(0);
