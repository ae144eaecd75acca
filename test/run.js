// Runs vitest with two additional options, passed to the tests as variables:
//   --full        run all cases of the chaos tests instead of a sample
//   --seed <n>    repeat the cases of an earlier run
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
