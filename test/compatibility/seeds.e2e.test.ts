import { describe, expect, test } from 'vitest';
import { fixture, sandboxWith } from './support.ts';

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
