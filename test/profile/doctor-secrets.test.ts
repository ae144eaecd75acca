import { expect, test } from 'vitest';
import { checkSecrets } from '../../src/doctor/secrets.ts';
import { setSecret, setUp } from './profile-support.ts';

test('doctor warns about an integration that another process deletes while it is checked', async () => {
  const { profile, open } = await setUp('file');
  await open().change(setSecret('a secret'));
  await profile.read();
  await open().change((draft) => {
    draft.integrations = [];
  });
  expect(await checkSecrets(profile, { env: {}, store: 'file', fix: false })).toEqual([
    {
      check: 'secrets',
      status: 'warning',
      message: 'Another process deleted the integration messenger.',
      hint: 'Run the command again.',
      fixed: false,
    },
  ]);
});
