// Starts vitest with two options of our own, which reach the tests as variables:
//   --full        every case of the chaos tests; a sample of them if omitted
//   --seed <n>    the cases of an earlier run
import { parseArgs } from 'node:util';

const options = { full: { type: 'boolean' }, seed: { type: 'string' } };
const { tokens } = parseArgs({ options, strict: false, tokens: true });
const own = new Set();
for (const token of tokens) {
  if (token.kind !== 'option' || !Object.hasOwn(options, token.name)) continue;
  if (token.name === 'full') process.env.CHAOS_FULL = '1';
  else process.env.CHAOS_SEED = token.value;
  own.add(token.index);
  if (token.name === 'seed' && !token.inlineValue) own.add(token.index + 1);
}
process.argv = [
  ...process.argv.slice(0, 2),
  ...process.argv.slice(2).filter((_, index) => !own.has(index)),
];
await import('../node_modules/vitest/vitest.mjs');
