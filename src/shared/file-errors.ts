import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { isBusy } from './busy-files.ts';
import { currentUser } from './current-user.ts';
import { type ChannelctlError, storageError, systemCode } from './errors.ts';
import { findDanglingLink } from './links.ts';

const OWNER_HINT = 'Run the command as the owner, or change the permissions.';
const SPACE_HINT = 'Free up space, then run the command again.';

const FILE_ERRORS: Readonly<Record<string, Explanation>> = {
  EACCES: ['Permission denied.', OWNER_HINT],
  EPERM: ['The operation is not permitted.', OWNER_HINT],
  EROFS: ['The file system is read-only.', 'Make the file system writable.'],
  ENOSPC: ['The disk is full.', SPACE_HINT],
  EDQUOT: ['Your disk quota is exceeded.', SPACE_HINT],
  ENOTDIR: ['Part of the path is a file, not a folder.', 'Move or rename that file.'],
  ELOOP: ['The symbolic links in the path form a loop.', 'Replace the link with the file.'],
  EBUSY: [
    'It is in use or a mount point, and a mount point cannot be replaced.',
    'If the file is mounted, mount its folder instead.',
  ],
  EISDIR: ['It is a folder, not a file.', 'Move or rename that folder.'],
  ENOENT: [
    'A folder in the path does not exist.',
    'Create the folder, or set CHANNELCTL_CONFIG_DIR to another one.',
  ],
};

const BUSY: Explanation = [
  'Another program has it open, or permission is denied.',
  'Close the other program or change the permissions, then run the command again.',
];

export function fileError(verb: 'read' | 'written', path: string, cause: unknown): ChannelctlError {
  const code = systemCode(cause) ?? 'unknown';
  const [reason, hint] = (isBusy(cause) ? BUSY : null) ??
    explainLink(code, path) ??
    explainOwner(code, path) ??
    FILE_ERRORS[code] ?? [`System error: ${code}.`, 'Check the disk.'];
  return storageError(`${path} cannot be ${verb}.`, { reason, hint, cause });
}

type Explanation = readonly [reason: string, hint: string];

function explainLink(code: string, path: string): Explanation | null {
  const link = code === 'ENOENT' ? findDanglingLink(path) : null;
  if (link === null) return null;
  return [
    `${link === path ? 'It' : link} is a symbolic link whose target does not exist.`,
    'Mount or restore the target, or remove the link to start over.',
  ];
}

function explainOwner(code: string, path: string): Explanation | null {
  const user = currentUser();
  if ((code !== 'EACCES' && code !== 'EPERM') || user === null || user === 0) return null;
  const folder = dirname(path);
  const own = ownerOf(path);
  const owner = own ?? ownerOf(folder);
  if (owner === null || owner === user) return null;
  const name = owner === 0 ? 'root' : `the user with the ID ${owner}`;
  // No command changes the owner of the folder, which could be one of the system.
  const hint =
    own === null
      ? `The folder ${folder} belongs to ${name}. ${OWNER_HINT}`
      : `It belongs to ${name}. Run the command as the owner, or take ownership: sudo chown -R ${user} "${path}"`;
  return [FILE_ERRORS[code]?.[0] ?? '', hint];
}

function ownerOf(path: string): number | null {
  try {
    return statSync(path).uid;
  } catch {
    return null;
  }
}
