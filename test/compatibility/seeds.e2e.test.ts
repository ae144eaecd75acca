import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { bareEnvironment, start, temporaryFolder } from '../support/cli.ts';
import { fixture } from './support.ts';

describe('a seed of 0.1.0', () => {
  test('with every documented part starts the sandbox, which has the IDs and secrets of the seed', async () => {
    expect(await sandboxWith(fixture('seeds', 'documented.yaml'))).toMatchObject({
      app_id: '700',
      app_secret: 'app-secret-700',
      instagram_app_id: '800',
      instagram_app_secret: 'ig-secret-800',
      waba_id: '10',
      phone_number_id: '11',
      business_token: 'EAA-for-all',
      pin: '204816',
      pages: [
        { id: '81', name: 'Alder Books', access_token: expect.any(String) },
        { id: '82', name: 'Birch & Co', access_token: expect.any(String) },
        { id: '83', name: 'Cedar Tea', access_token: expect.any(String) },
      ],
    });
  });

  test('with some parts starts the sandbox', async () => {
    expect(await sandboxWith(fixture('seeds', 'desk.yaml'))).toMatchObject({
      app_id: '700',
      phone_number_id: '5011',
      pages: [{ id: '81' }, { id: '82' }],
    });
  });
});

async function sandboxWith(seed: string) {
  const args = ['sandbox', 'start', '--port', '0', '--seed', seed, '--json'];
  const child = start(args, bareEnvironment(await temporaryFolder()));
  onTestFinished(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line);
  throw new Error(`the sandbox did not start: ${stderr}`);
}
