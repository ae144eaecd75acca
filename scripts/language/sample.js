// Draws texts at random for a reader to judge: node scripts/language/sample.js string 100 4711
import { listFiles } from './files.js';
import { readTexts } from './read-texts.js';

const [kind = 'string', count = '100', seed = `${Date.now() % 100_000}`] = process.argv.slice(2);
const NOT_PROSE = /^(?:--|\s*<|default-src|\s*:root)|[{;]\n|__complete/;
const texts = listFiles()
  .filter((file) => kind !== 'string' || file.startsWith('src/'))
  .filter((file) => kind !== 'string' || file !== 'src/sandbox/seed/defaults.ts')
  .flatMap((file) => readTexts(file))
  .filter((text) => text.kind === kind && !NOT_PROSE.test(text.text));

/** Mulberry32: a small random number generator with the same sequence on every machine. */
let state = Number(seed);
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}

process.stdout.write(`${count} of ${texts.length} ${kind}s, seed ${seed}\n`);
for (let drawn = 1; drawn <= Number(count) && texts.length > 0; drawn += 1) {
  const [{ file, line, text }] = texts.splice(Math.floor(random() * texts.length), 1);
  process.stdout.write(`${drawn}. ${JSON.stringify(text)} (${file}:${line})\n`);
}
