import { stat } from 'node:fs/promises';
import { fileError } from '../shared/file-errors.ts';
import { isMissing } from '../shared/links.ts';
import type { AuditEntry, HistoryFilter, HistoryItem } from './audit/log.ts';
import type { ProfileState, StateDescription } from './types.ts';

/** Selects the changes to the profile, not those at Meta. */
export const OWN_CHANGES: HistoryFilter = {
  mayMatch: () => true,
  matches: ({ call }) => call === null,
};

/**
 * Describes a profile on this machine.
 *
 * @param path the state file
 * @param changes the changes to the profile in the audit log, oldest first
 * @throws ChannelctlError `storage` if the file cannot be accessed
 */
export async function describeLocalState(
  path: string,
  { revision = 0 }: ProfileState,
  changes: AsyncIterable<HistoryItem>,
): Promise<StateDescription> {
  let last: AuditEntry | null = null;
  for await (const { entry } of changes) last = entry ?? last;
  return {
    backend: 'local',
    location: path,
    revision,
    changed_at: await changeTime(path),
    changed_by: last === null ? null : { user: last.user, host: last.host, command: last.command },
    lease: null,
  };
}

async function changeTime(path: string): Promise<string | null> {
  try {
    return (await stat(path)).mtime.toISOString();
  } catch (error) {
    if (isMissing(error, path)) return null;
    throw fileError('read', path, error);
  }
}
