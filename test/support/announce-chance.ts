export default function announce(): void {
  const { CHAOS_SEED: seed, CHAOS_FULL: full } = process.env;
  const cases = full === '1' ? 'all cases' : 'a sample of the cases (all with --full)';
  process.stdout.write(`chaos: ${cases}, seed ${seed} (repeat with --seed ${seed})\n`);
}
