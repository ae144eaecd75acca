import { type ChannelctlError, storageError } from '../../shared/errors.ts';
import type { Seen } from './memory.ts';

interface Found {
  lineage: string;
  /** 0 if the server has no revision. */
  revision: number;
  hash: string | null;
  /** The hash of the revision before. */
  previous: string | null;
}

/**
 * Checks that a document is not older than the newest one that this machine has seen, or another
 * one in its place.
 *
 * @throws ChannelctlError `storage`
 */
export function assertNewest(found: Found, seen: Seen | null, location: string): void {
  if (seen === null) return;
  if (found.lineage !== seen.lineage) {
    throw goneBack(location, 'It was initialized again.');
  }
  if (found.revision < seen.revision) {
    const is = found.revision === 0 ? 'it has none' : `it has revision ${found.revision}`;
    throw goneBack(location, `This machine has seen revision ${seen.revision}, but ${is} now.`);
  }
  const isReplaced = found.revision === seen.revision && found.hash !== seen.hash;
  const isBranched = found.revision === seen.revision + 1 && found.previous !== seen.hash;
  if (isReplaced || isBranched) {
    throw goneBack(
      location,
      `Revision ${seen.revision} is not the one that this machine has seen.`,
    );
  }
}

function goneBack(location: string, reason: string): ChannelctlError {
  return storageError(`The state in ${location} is older than it was.`, {
    reason,
    hint: 'If the server was restored on purpose, run: channelctl state accept. Otherwise, someone may have replaced the state. Nothing was changed.',
  });
}
