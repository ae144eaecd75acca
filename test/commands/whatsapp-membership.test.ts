import { describe, expect, test } from 'vitest';
import { signupCode } from '../sandbox/whatsapp-support.ts';
import { run } from '../support/cli.ts';
import { connect, SUBSCRIBED, WABA, whatsappDesk } from '../support/whatsapp.ts';

const PORTFOLIO = '9001';

function twoWabas(accounts: string[] = []) {
  const other = { ...SUBSCRIBED, id: '6000', business_id: PORTFOLIO, numbers: [{ id: '2001' }] };
  return whatsappDesk({ wabas: [{ ...WABA, business_id: PORTFOLIO }, other], accounts });
}

const change = (id: string) => ['accounts', 'update', 'wa-1002', '--config', `waba_id=${id}`];

describe.each([
  ['another WABA', '6000', 'Number 1001 does not belong to WABA 6000.'],
  ['a business portfolio', PORTFOLIO, `The waba_id ${PORTFOLIO} is not the ID of a WABA.`],
])('a waba_id of %s', (_what, waba, message) => {
  test('is rejected by accounts create before anything is changed', async () => {
    const desk = await twoWabas();
    const { code, error } = await desk.failure(...connect('1001', '--config', `waba_id=${waba}`));
    expect([code, error.kind]).toEqual([2, 'usage']);
    expect(error.message).toContain(message);
    expect(`${error.message} ${error.hint}`).toContain('waba_id');
    expect(desk.calls().filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(await desk.json('accounts', 'list')).toEqual([]);
  });

  test('is reported by signup, with the command that corrects it', async () => {
    const desk = await twoWabas();
    const ids = ['--waba-id', waba, '--phone-number-id', '1001'];
    const code = await signupCode(desk.meta, '1001');
    const { code: exit, error } = await desk.failure('whatsapp', 'signup', '--code', code, ...ids);
    // The token from the sign-up has no access to the other WABA.
    expect(exit).toBe(5);
    expect(error.message).toContain('The account whatsapp/wa-1001 and its token are stored');
    const fix = 'accounts update whatsapp/wa-1001 --config waba_id=5000';
    expect(error.hint).toContain(`channelctl ${fix}.`);
    expect(desk.calls('subscribeWaba')).toEqual([]);
    expect(desk.calls('registerPhoneNumber')).toEqual([]);
    await desk.json(...fix.split(' '));
    const { stdout } = await run(['whatsapp', 'health', 'wa-1001', '--json'], desk.env);
    expect(JSON.parse(stdout)).toMatchObject({ waba: { id: '5000' }, subscribed_ok: true });
  });

  test('is reported by health, with the command that corrects it', async () => {
    const desk = await twoWabas(['1002']);
    await desk.json(...change(waba));
    const { code, stdout } = await run(['whatsapp', 'health', 'wa-1002', '--json'], desk.env);
    const { problems } = JSON.parse(stdout);
    expect(code).toBe(6);
    const found = problems.filter(({ part }: { part: string }) => part === 'waba');
    expect(found).toHaveLength(1);
    expect(found[0].hint).toContain('accounts update whatsapp/wa-1002 --config waba_id=');
  });
});

test('lists the numbers of a WABA once for all of its accounts', async () => {
  const desk = await twoWabas(['1001', '1002', '1003', '2001']);
  await run(['whatsapp', 'health', '--all', '--json'], desk.env);
  expect(desk.calls('listPhoneNumbers')).toHaveLength(2);
});

test('reports no membership problem if Meta does not list the numbers', async () => {
  const desk = await twoWabas(['1002']);
  desk.meta.inject({ operation: 'listPhoneNumbers', code: 10 });
  const health = await desk.json('whatsapp', 'health', 'wa-1002');
  expect(health).toMatchObject({ healthy: true, problems: [] });
});
