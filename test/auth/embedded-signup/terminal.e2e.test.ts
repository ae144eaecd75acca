import { expect, test } from 'vitest';
import { KEY, terminal } from '../../support/terminal.ts';
import { exchanged, messageOf, postResult, prepareSignup, signupCode, WABA } from './support.ts';

const ONLY_WABA = messageOf('FINISH_ONLY_WABA', { waba_id: WABA });

test('asks in the terminal which number of the WABA to connect, after the exchange', async () => {
  const place = await prepareSignup();
  const { address, on, env, json } = place;
  const session = terminal(['whatsapp', 'signup', '--no-browser'], { env });
  await session.shows(address);
  const code = await signupCode(on);
  const answer = postResult(place, { code, message: ONLY_WABA });
  await session.shows('Which number do you want to connect?');
  expect(exchanged(on)).toEqual([code]);
  session.send(KEY.down, KEY.enter);
  expect(await session.end()).toEqual({ code: 0, isSane: true });
  expect(JSON.parse((await answer).body)).toMatchObject({ title: 'Aldersey Support is connected' });
  expect(await json('accounts', 'list')).toMatchObject([{ display_name: 'Aldersey Support' }]);
});

test('Ctrl-C at that prompt cancels the sign-up, and the browser shows it', async () => {
  const place = await prepareSignup();
  const { address, on, env } = place;
  const session = terminal(['whatsapp', 'signup', '--no-browser'], { env });
  await session.shows(address);
  const answer = postResult(place, { code: await signupCode(on), message: ONLY_WABA });
  await session.shows('Which number do you want to connect?');
  session.send(KEY.ctrlC);
  await session.shows('To continue, run:');
  await session.shows(`channelctl whatsapp signup --waba-id ${WABA}`);
  expect(await session.end()).toEqual({ code: 130, isSane: true });
  expect(JSON.parse((await answer).body)).toMatchObject({ tone: 'bad', title: 'Cancelled' });
});
