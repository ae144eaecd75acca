import { describe, expect, test } from 'vitest';
import { deskVariables, homeOf } from '../compatibility/support.ts';
import { run } from '../support/cli.ts';
import { editing, itemOf } from '../support/mailboxes.ts';

/** A home whose state file assigns the token of wa-5011 to wa-5012. */
async function numbers() {
  const own = await homeOf('profile', await deskVariables());
  const edits = editing(own);
  await own.json('config', 'set', 'output', 'json'); // Binds the secrets of 0.1.0.
  await edits.tamper(({ account }) => {
    const ref = account('wa-5012').secrets.access_token;
    if (ref === undefined) throw new Error('no token');
    ref.item = itemOf(account('wa-5011'), 'access_token');
  });
  return own;
}

const BOUND = 'bound to the access_token of whatsapp/wa-5011';

interface Result {
  account_key: string;
  phone_number_id: string;
  name: string;
  error: { message: string } | null;
  problems: { message: string }[];
}

describe('a token that the state file assigns to another account', () => {
  test.each([
    ['whatsapp', 'health', 'wa-5012'],
    ['whatsapp', 'subscribe', 'wa-5012'],
    ['tokens', 'inspect', 'wa-5012'],
    ['webhooks', 'status', 'wa-5012'],
  ])('is refused by %s %s', async (...args) => {
    const own = await numbers();
    const { code, error } = await own.failure(...args);
    expect({ code, kind: error.kind }).toEqual({ code: 8, kind: 'storage' });
    expect(error.message).toContain(BOUND);
  });

  test('does not affect other numbers in whatsapp health --all', async () => {
    const own = await numbers();
    const { code, stdout } = await own.cli('whatsapp', 'health', '--all', '--json');
    expect(code).toBe(8);
    const results: Result[] = JSON.parse(stdout);
    const messages = Object.fromEntries(
      results.map(({ phone_number_id, problems }) => [
        phone_number_id,
        problems.map(({ message }) => message).join(' '),
      ]),
    );
    expect(messages['5012']).toContain(BOUND);
    expect(messages['5011']).not.toContain('bound');
    expect(JSON.stringify(results[0])).toContain('"quality_rating"');
  });

  test('does not affect other accounts in a plan', async () => {
    const own = await numbers();
    const accounts = ['wa-5011', 'wa-5012'].map((account_key) => ({
      channel: 'whatsapp',
      account_key,
      config: {},
    }));
    const document = JSON.stringify({ version: 1, accounts });
    const { code, stdout } = await run(['plan', '-f', '-', '--json'], own.env, document);
    expect(code).toBe(8);
    const { problems }: { problems: Result[] } = JSON.parse(stdout);
    expect(problems).toMatchObject([{ name: 'whatsapp/wa-5012' }]);
    expect(JSON.stringify(problems)).toContain(BOUND);
  });

  test('does not affect other tokens in a refresh', async () => {
    const own = await numbers();
    const args = ['tokens', 'refresh', '--expiring-within', '3650d', '--json'];
    const { code, stdout } = await own.cli(...args);
    expect(code).toBe(8);
    const results: Result[] = JSON.parse(stdout);
    const refused = results.filter(({ error }) => error?.message.includes(BOUND));
    expect(refused.map(({ account_key }) => account_key)).toEqual(['wa-5012']);
  });
});
