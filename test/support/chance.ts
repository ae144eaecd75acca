import fc from 'fast-check';

/** A sample contains one in this many cases. */
const SAMPLE = 10;

const isFull = process.env.CHAOS_FULL === '1';
const seed = Number(process.env.CHAOS_SEED);
if (!Number.isInteger(seed)) throw new Error('CHAOS_SEED must be an integer.');
fc.configureGlobal({ seed });

export function share(all: number, least = 1, oneIn = SAMPLE): number {
  return isFull ? all : Math.max(least, Math.ceil(all / oneIn));
}

let state = seed;

/**
 * Returns a number from 0 (inclusive) to 1 (exclusive), derived from the seed. Source: mulberry32,
 * which has a period of 2^32.
 */
export function random(): number {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
