import { random } from '../support/chance.ts';

/** Returns a whole number from 0 (inclusive) to `limit` (exclusive). */
export function below(limit: number): number {
  return Math.floor(random() * limit);
}

export function chance(probability: number): boolean {
  return random() < probability;
}

export function pick<Item>(items: readonly Item[]): Item {
  const item = items[below(items.length)];
  if (item === undefined) throw new Error('There is nothing to pick from.');
  return item;
}

export function pickSome<Item>(items: readonly Item[], most: number): Item[] {
  const left = [...items];
  const picked: Item[] = [];
  for (let wanted = below(most + 1); wanted > 0 && left.length > 0; wanted -= 1) {
    picked.push(...left.splice(below(left.length), 1));
  }
  return picked;
}

export function report(name: string, began: number, figures: Record<string, unknown>): void {
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const counts = Object.entries(figures).map(([what, value]) => `${what} ${JSON.stringify(value)}`);
  const parts = [...counts, `${seconds} s`, `seed ${process.env.CHAOS_SEED}`];
  process.stdout.write(`chaos: ${name}: ${parts.join(', ')}\n`);
}

export class Tally {
  readonly counts: Record<string, number> = {};

  add(name: string | number): void {
    this.counts[name] = (this.counts[name] ?? 0) + 1;
  }
}
