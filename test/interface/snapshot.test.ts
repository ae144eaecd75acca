import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { enumeratedValues } from './enumerated-values.ts';
import { recordCommands, recordNames } from './recorder.ts';

// To update the snapshot, run `npx vitest run test/interface -u`.

/** Formats a recording with one entry per line, which keeps diffs small. */
function asYaml(recording: unknown): string {
  return stringify(recording, { lineWidth: 0, aliasDuplicateObjects: false });
}

describe('the interface matches its snapshot; update it in the same commit as an addition', () => {
  test('commands, arguments, options, roles and result fields (removing or renaming one breaks scripts)', async () => {
    await expect(asYaml(await recordCommands())).toMatchFileSnapshot('snapshot/commands.yaml');
  });

  test('exit codes, formats, roles, settings, channels and variables (removing or renaming one breaks scripts)', async () => {
    await expect(asYaml(recordNames())).toMatchFileSnapshot('snapshot/names.yaml');
  });

  test('values of enumerated fields (adding one can surprise scripts; removing or renaming one breaks them)', async () => {
    await expect(asYaml(enumeratedValues())).toMatchFileSnapshot('snapshot/values.yaml');
  });
});
