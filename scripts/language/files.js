import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/**
 * Files to skip: recorded output of earlier versions, a program that a test adds, and the phrases
 * themselves.
 */
const EXCLUDED = /^(?:test\/(?:fixtures|language)\/|scripts\/language\/(?:phrases|allowed)\.js$)/;

export function listFiles() {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.js', '*.md'];
  const files = execFileSync('git', args, { encoding: 'utf8' }).trim().split('\n');
  // git also lists files whose deletion is not committed yet.
  return files.filter((file) => !EXCLUDED.test(file) && existsSync(file));
}
