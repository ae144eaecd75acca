import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { enumeratedValues } from './enumerated-values.ts';
import { recordCommands, recordNames } from './recorder.ts';

// `npx vitest run test/interface -u` records the interface again.

/** One entry per line, so that a change of the interface is a small diff. */
function asYaml(recording: unknown): string {
  return stringify(recording, { lineWidth: 0, aliasDuplicateObjects: false });
}

describe('the interface is as recorded; to add to it, update the snapshot in the same commit', () => {
  test('commands, arguments, options, roles and result fields: a removed or renamed one breaks scripts', async () => {
    await expect(asYaml(await recordCommands())).toMatchFileSnapshot('snapshot/commands.yaml');
  });

  test('exit codes, formats, roles, settings, channels and variables: a removed or renamed one breaks scripts', async () => {
    await expect(asYaml(recordNames())).toMatchFileSnapshot('snapshot/names.yaml');
  });

  test('values of enumerated fields: a new one may surprise scripts, a removed or renamed one breaks them', async () => {
    await expect(asYaml(enumeratedValues())).toMatchFileSnapshot('snapshot/values.yaml');
  });
});
