import { PassThrough, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { main } from '../../src/main.ts';
import { bareEnvironment, temporaryFolder } from '../support/cli.ts';

class BrokenOutput extends Writable {
  readonly #code: string;
  constructor(code: string) {
    super();
    this.#code = code;
  }
  override _write(_chunk: Buffer, _encoding: string, done: (error: Error) => void): void {
    done(Object.assign(new Error(this.#code), { code: this.#code }));
  }
}

async function runWithOutput(code: string) {
  const stderr = new PassThrough();
  const exitCode = await main({
    argv: ['schema'],
    env: bareEnvironment(await temporaryFolder()),
    stdin: new PassThrough().end(),
    stdout: new BrokenOutput(code),
    stderr,
    signal: new AbortController().signal,
    commits: new Set(),
    openInBrowser: () => Promise.resolve(),
    nodeVersion: process.version,
  });
  return { exitCode, stderr: String(stderr.read() ?? '') };
}

test.each(['EPIPE', 'EOF'])('a reader that closes the pipe (%s) is not an error', async (code) => {
  expect(await runWithOutput(code)).toEqual({ exitCode: 0, stderr: '' });
});

test('output that is lost otherwise is an error', async () => {
  const { exitCode, stderr } = await runWithOutput('ENOSPC');
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain('ENOSPC');
});
