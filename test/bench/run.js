import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const failed = ['startup', 'health', 'scale'].filter((name) => {
  process.stdout.write(`\n${name}\n`);
  const script = fileURLToPath(new URL(`${name}.js`, import.meta.url));
  return spawnSync(process.execPath, [script], { stdio: 'inherit' }).status !== 0;
});
if (failed.length > 0) {
  process.stderr.write(`\nFailed: ${failed.join(', ')}\n`);
  process.exitCode = 1;
}
