import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { secretRefsOf } from '../../src/profile/secret-refs.ts';
import { readState } from '../../src/profile/state-file/read.ts';
import { openFileStore } from '../../src/secrets/file.ts';
import { random, share } from '../support/chance.ts';
import { start } from '../support/cli.ts';
import { passphraseOf } from '../support/passphrase.ts';
import { fleet, fleetDocument } from './fleet.ts';

const KILLS = share(50, 10);
const LANES = 2;

type Fleet = Awaited<ReturnType<typeof fleet>>;

async function readyFleet(): Promise<Fleet & { folder: string }> {
  const place = await fleet();
  const folder = join(place.configDir, 'profiles', 'default');
  await writeFile(place.path, stringify(fleetDocument()));
  return { ...place, folder };
}

function storeIn(folder: string, { env }: Fleet) {
  return openFileStore({
    path: join(folder, 'secrets.json'),
    passphrase: passphraseOf(env.CHANNELCTL_PASSPHRASE),
  });
}

async function applying({ env, path }: Fleet, killAfter?: number): Promise<number | null> {
  const child = start(['apply', '-f', path, '--yes'], env);
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  if (killAfter !== undefined) {
    await Promise.race([closed, sleep(killAfter)]);
    child.kill('SIGKILL');
  }
  return closed;
}

async function everything(place: Fleet & { folder: string }) {
  const state = await readState(join(place.folder, 'state.json'));
  const marks = secretRefsOf(state);
  const values = await storeIn(place.folder, place).read(marks.map(({ item }) => item));
  // The sandbox generates new tokens each time, so a secret is identified by its variable.
  const variables = new Map(Object.entries(place.secrets).map(([name, value]) => [value, name]));
  const chance = { id: '', created_at: '', updated_at: '', verify_token: '' };
  const shown = <Owner extends { secrets: Record<string, { item: string }> }>(owner: Owner) => ({
    ...owner,
    ...chance,
    secrets: Object.entries(owner.secrets).map(([key, { item }]) => [
      key,
      variables.get(values.get(item) ?? '') ?? 'lost',
    ]),
  });
  return {
    settings: state.settings,
    integrations: state.integrations.map(shown),
    accounts: state.accounts.map(shown),
    atMeta: await atMeta(place),
  };
}

async function atMeta({ meta: { urls, description } }: Fleet) {
  const get = async (base: string, path: string, token: string) => {
    const headers = { Authorization: `Bearer ${token}` };
    const answer = await fetch(`${base}/v26.0/${path}`, { headers });
    return answer.json();
  };
  const graph = (path: string, token: string) => get(urls.graph_url, path, token);
  const business = description.business_token;
  return Promise.all([
    graph('501/subscribed_apps', business),
    graph('5011?fields=status', business),
    graph('5012?fields=status', business),
    ...description.pages.flatMap(({ id, access_token }) => [
      graph(`${id}/subscribed_apps?fields=id,subscribed_fields`, access_token),
      graph('me/messenger_profile?fields=persistent_menu,get_started', access_token),
    ]),
    get(urls.instagram_graph_url, 'me/subscribed_apps', 'IGAA-token-of-alder'),
  ]);
}

test(`apply, killed at ${KILLS} random times and run again, has the same result as without interruption`, async () => {
  const undisturbed = await readyFleet();
  const began = performance.now();
  expect(await applying(undisturbed)).toBe(0);
  const duration = performance.now() - began;
  const expected = await everything(undisturbed);
  expect(JSON.stringify(expected.atMeta)).not.toContain('error');

  let killed = 0;
  const lane = async () => {
    for (let turn = 0; turn < KILLS / LANES; turn += 1) {
      const place = await readyFleet();
      const moment = random() * duration;
      if ((await applying(place, moment)) === null) killed += 1;
      expect(await applying(place), `killed after ${moment} ms`).toBe(0);
      expect(await everything(place), `killed after ${moment} ms`).toEqual(expected);
      const registered = place.meta.requests.filter(
        ({ operation }) => operation === 'registerPhoneNumber',
      );
      expect(registered.length, `killed after ${moment} ms`).toBeLessThanOrEqual(2);
      await place.meta.close();
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  expect(killed).toBeGreaterThan(KILLS / 4);
}, 300_000);
