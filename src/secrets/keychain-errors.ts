import { type ChannelctlError, storageError } from '../shared/errors.ts';
import { MissingStoreError } from '../shared/secrets.ts';
import { stripControlCharacters } from '../shared/text.ts';

/** Ends the hint of an error about a keychain that is the secret store. */
export const OTHER_STORES =
  'use another secret store: CHANNELCTL_SECRETS=file with CHANNELCTL_PASSPHRASE, or CHANNELCTL_SECRETS=env.';

const MISSING_REPLY = /did not receive a reply|timed? ?out|noreply/i;

/** Errors are matched by message, because the library gives all of them the same code. */
const KNOWN_ERRORS: readonly (readonly [RegExp, reason: string, hint: string, isMissing?: true])[] =
  [
    [
      /autolaunch|failed to connect to socket|dbus_session_bus_address|unable to connect/i,
      'The Secret Service requires a D-Bus session bus, and none is running.',
      'Run channelctl in a desktop session or with dbus-run-session',
      true,
    ],
    [
      /not provided by any \.service|serviceunknown|spawn\.|exited with status|nameHasNoOwner/i,
      'No Secret Service (such as gnome-keyring or KWallet) is running on the session bus.',
      'Install and start gnome-keyring',
      true,
    ],
    [
      /prompt was dismissed|\blocked\b|no result found|no_such_secret|interaction is not allowed/i,
      'It is locked or has no default keyring.',
      'Unlock it (without a display: gnome-keyring-daemon --unlock)',
    ],
    [MISSING_REPLY, 'It did not respond in time.', 'Restart the keychain service'],
  ];

/**
 * The texts of errSecInteractionNotAllowed, errSecInDarkWake, errSecUserCanceled, errSecAuthFailed,
 * errSecNoDefaultKeychain, errSecNoSuchKeychain, errSecInvalidKeychain and errSecNotAvailable.
 */
const MAC_ERRORS: readonly (readonly [RegExp, reason: string, hint: string])[] = [
  [
    /interaction is not allowed|dark wake/i,
    'macOS must ask you for access, because the keychain is locked or Node.js was updated, but it cannot show a dialog here.',
    'Run security unlock-keychain; after an update of Node.js, run the command once in a terminal on the desktop and choose "Always Allow"',
  ],
  [
    /cancell?ed the operation|user name or passphrase/i,
    'Access was denied in the dialog of macOS.',
    'Run the command again and choose "Always Allow"',
  ],
  [
    /keychain could not be found|not a valid keychain|no keychain is available/i,
    'There is no usable default keychain.',
    'Check HOME, set a default keychain in Keychain Access',
  ],
];

export function isMissingReply(cause: unknown): boolean {
  return MISSING_REPLY.test(messageOf(cause));
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** @param alternatives what to do if the keychain cannot be used, as the end of a sentence */
export function keychainError(
  cause: unknown,
  platform: NodeJS.Platform,
  alternatives: string,
): ChannelctlError {
  const message = messageOf(cause);
  const known = [...(platform === 'darwin' ? MAC_ERRORS : []), ...KNOWN_ERRORS];
  const [, reason, hint, isMissing] = known.find(([pattern]) => pattern.test(message)) ?? [
    null,
    `The system reports: ${stripControlCharacters(message)}`,
    'Check the keychain',
  ];
  return keychainUnusable(reason, `${hint}, or ${alternatives}`, { cause, isMissing });
}

export function keychainTimeout(
  milliseconds: number,
  platform: NodeJS.Platform,
  alternatives: string,
): ChannelctlError {
  const hint =
    platform === 'darwin'
      ? 'Run the command in a terminal on the desktop and choose "Always Allow" in the dialog, which macOS shows again after each update of Node.js, run security unlock-keychain'
      : 'Respond to its prompt if there is one, restart the keychain service';
  return keychainUnusable(
    `It did not respond within ${milliseconds / 1000} seconds.`,
    `${hint}, or ${alternatives}`,
  );
}

export function keychainMissing(
  platform: string,
  cause: unknown,
  alternatives: string,
): ChannelctlError {
  const hint =
    platform === 'win32'
      ? 'Install the Microsoft Visual C++ Redistributable (x64)'
      : 'Reinstall channelctl with its optional dependencies';
  return keychainUnusable(
    `The package @napi-rs/keyring could not be loaded on ${platform}.`,
    `${hint}, or ${alternatives}`,
    { cause, isMissing: true },
  );
}

export function nameTooLong(item: string): ChannelctlError {
  return storageError(`The secret ${item} was not stored.`, {
    reason: 'Its name is too long for the Windows Credential Manager.',
    hint: 'Choose a shorter account key, or use the encrypted file: CHANNELCTL_SECRETS=file with CHANNELCTL_PASSPHRASE.',
  });
}

function keychainUnusable(
  reason: string,
  hint: string,
  { cause, isMissing = false }: { cause?: unknown; isMissing?: boolean | undefined } = {},
): ChannelctlError {
  const message = 'The keychain is not available.';
  const parts = { reason, hint, cause };
  return isMissing ? new MissingStoreError(message, parts) : storageError(message, parts);
}
