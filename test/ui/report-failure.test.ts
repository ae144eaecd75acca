import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { reportFailure } from '../../src/cli/report-failure.ts';
import { storageError } from '../../src/shared/errors.ts';
import { Redactor } from '../../src/shared/redactor.ts';
import { bareEnvironment, temporaryFolder } from '../support/cli.ts';

const TOKEN = 'EAAGm0PX4ZCpsBAKZA7b9Qf2Lr8Tn3Vw';
const PART = TOKEN.slice(3, 14).toLowerCase();
const GLOBALS = { input: true, color: true };

async function reported(thrown: unknown, ...argv: string[]): Promise<string> {
  const redactor = new Redactor();
  redactor.add(TOKEN);
  const stderr = new PassThrough();
  const env = bareEnvironment(await temporaryFolder());
  await reportFailure(thrown, { argv, env, stderr }, GLOBALS, redactor);
  return String(stderr.read());
}

test('an error contains no part of a secret that its cause quotes', async () => {
  const cause = new Error(`no ${PART}`);
  const error = storageError('The keychain failed.', {
    reason: `It says: ${cause.message}`,
    cause,
  });
  for (const argv of [[], ['--json']]) {
    const text = await reported(error, ...argv);
    expect(text).toContain('It says: no [redacted]');
    expect(text).not.toContain(PART);
  }
});

test('an unexpected error contains no part of a secret, even with its stack', async () => {
  const error = new TypeError(`bad ${PART}`, { cause: new Error(`first ${PART}`) });
  const text = await reported(error, '--debug');
  expect(text).toContain('TypeError: bad [redacted]');
  expect(text).toContain('caused by Error: first [redacted]');
  expect(text).not.toContain(PART);
});
