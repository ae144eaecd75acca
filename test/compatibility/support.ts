import { readFileSync } from 'node:fs';
import { chmod, cp, readdir, readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { parseSeed } from '../../src/sandbox/seed/seed.ts';
import { startSandbox } from '../../src/sandbox/start.ts';
import { bareEnvironment, home, run } from '../support/cli.ts';
import { variablesFor } from '../support/desk.ts';
import { readAudit, readSecrets, readState } from './format.ts';

export function fixture(...parts: string[]): string {
  return join(fileURLToPath(new URL('../fixtures/0.1.0', import.meta.url)), ...parts);
}

export function fixtureText(...parts: string[]): string {
  return readFileSync(fixture(...parts), 'utf8');
}

export function fixtureJson(...parts: string[]) {
  return JSON.parse(fixtureText(...parts));
}

export async function homeOf(name: string, extra: Record<string, string> = {}) {
  const own = await home(extra);
  await cp(fixture(name), own.configDir, { recursive: true });
  await setModes(own.configDir);
  return {
    ...own,
    stored: () => storedIn(own.configDir),
    input: (text: string, ...args: string[]) => run([...args, '--json'], own.env, text),
  };
}

/** Sets the file modes of 0.1.0, which git does not store, and makes all files one hour old. */
async function setModes(folder: string): Promise<void> {
  const anHourAgo = new Date(Date.now() - 3_600_000);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    await chmod(path, entry.isDirectory() ? 0o700 : 0o600);
    await utimes(path, anHourAgo, anHourAgo);
  }
}

export async function storedIn(configDir: string, profile = 'default') {
  const { CHANNELCTL_PASSPHRASE: passphrase = '' } = bareEnvironment(configDir);
  const text = (...parts: string[]) => readFile(join(configDir, ...parts), 'utf8');
  return {
    state: readState(await text('profiles', profile, 'state.json')),
    secrets: readSecrets(await text('profiles', profile, 'secrets.json'), passphrase),
    audit: readAudit(await text('audit', profile, 'audit.jsonl')),
  };
}

export async function deskVariables(): Promise<Record<string, string>> {
  const seed = parseSeed(fixtureText('seeds', 'desk.yaml'));
  // The sandbox of 0.1.0 accepted an override without an app-level subscription; Meta does not.
  seed.webhooks = [
    {
      app_id: seed.apps?.[0]?.id ?? '',
      object: 'whatsapp_business_account',
      callback_url: 'https://desk.example.com/all',
      fields: ['messages'],
    },
  ];
  const sandbox = await startSandbox({ port: 0, seed });
  onTestFinished(() => sandbox.close());
  const { description } = sandbox;
  const pageToken = (wanted: string) =>
    description.pages.find(({ id }) => id === wanted)?.access_token ?? '';
  return {
    ...variablesFor(sandbox),
    APP_SECRET: description.app_secret,
    BUSINESS_TOKEN: description.business_token,
    INSTAGRAM_TOKEN: 'IGAA-token-of-alder-books',
    PIN: description.pin,
    PAGE_81_TOKEN: pageToken('81'),
    PAGE_82_TOKEN: pageToken('82'),
    MAIL_PASSWORD: 'mail password of support',
  };
}
