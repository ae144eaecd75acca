import crypto from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { documentHome } from '../declarative/fleet.ts';
import { signInCode } from '../sandbox/support.ts';
import { home, run } from '../support/cli.ts';
import { desks } from '../support/desk.ts';

const calls = { derivations: 0, decryptions: 0 };
const { scrypt, createDecipheriv } = crypto;

function counted<Fn extends (...args: never[]) => unknown>(name: keyof typeof calls, fn: Fn): Fn {
  return new Proxy(fn, {
    apply: (target, self, args) => {
      calls[name] += 1;
      return Reflect.apply(target, self, args);
    },
  });
}

beforeAll(() => {
  crypto.scrypt = counted('derivations', scrypt);
  crypto.createDecipheriv = counted('decryptions', createDecipheriv);
  syncBuiltinESMExports();
});
afterAll(() => {
  Object.assign(crypto, { scrypt, createDecipheriv });
  syncBuiltinESMExports();
});

async function costOf(args: readonly string[], env: Record<string, string>) {
  Object.assign(calls, { derivations: 0, decryptions: 0 });
  const { code, stderr } = await run(args, env);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return { ...calls };
}

const WITHOUT_SECRETS = [
  'accounts list',
  'accounts get support',
  'integrations list',
  'integrations get messenger',
  'tokens list',
  'status --offline',
  'config list',
  'config set output json',
  'profiles list',
  'profiles show default',
  'audit list',
  'export --offline',
  'accounts set-default support',
  'accounts update support --display-name Alder',
];

describe('a command that needs no secret derives no key', () => {
  test.each(WITHOUT_SECRETS)('%s', async (line) => {
    const own = await home({ PASSWORD: 'the mail password' });
    const config = ['--config', 'address=a@example.com', '--config', 'password=env:PASSWORD'];
    const key = ['--channel', 'email', '--account-key', 'support'];
    expect(await costOf(['accounts', 'create', ...key, ...config], own.env)).toMatchObject({
      derivations: 1,
    });
    expect(await costOf(line.split(' '), own.env)).toEqual({ derivations: 0, decryptions: 0 });
  });
});

describe('a command derives one key and decrypts the secrets file once', () => {
  const desk = desks();

  test.each([[['--page', '81']], [['--all-pages']]])('messenger pages %j', async (selection) => {
    const own = await desk();
    const code = await signInCode(own.meta);
    await own.json('messenger', 'connect', '--code', code, '--list-only');
    const { code: exit } = await run(['messenger', 'pages', ...selection], own.env);
    expect([0, 5]).toContain(exit);
    expect(await costOf(['messenger', 'pages', '--page', '82'], own.env)).toEqual({
      derivations: 1,
      decryptions: 1,
    });
  });

  test('accounts create', async () => {
    const own = await desk();
    const config = ['--config', 'page_id=9', '--config', 'page_access_token=env:TOKEN'];
    const args = ['accounts', 'create', '--channel', 'messenger', '--account-key', 'fb-9'];
    const env = { ...own.env, TOKEN: 'EAAtoken-of-page-nine' };
    expect(await costOf([...args, ...config], env)).toEqual({ derivations: 1, decryptions: 1 });
  });

  test('apply when it also changes settings', async () => {
    const place = await documentHome({ PASSWORD: 'the mail password', OTHER: 'another password' });
    const document = (name: string, base: string) =>
      stringify({
        version: 1,
        settings: { webhook_base_url: base },
        accounts: ['a', 'b'].map((key) => ({
          channel: 'email',
          account_key: key,
          config: { address: 'a@example.com', password: { env: name } },
        })),
      });
    await place.with('apply', document('PASSWORD', 'https://one.example.com'), '--yes');
    await writeFile(place.path, document('OTHER', 'https://two.example.com'));
    expect(await costOf(['apply', '-f', place.path, '--yes'], place.env)).toEqual({
      derivations: 1,
      decryptions: 1,
    });
  });
});
