const MIN_LENGTH = 12;

/** The warning about a passphrase for which `isShortPassphrase` is true. */
export const SHORT_PASSPHRASE = {
  message: `The passphrase of the secrets file has fewer than ${MIN_LENGTH} characters.`,
  hint: 'Anyone who can copy the file could guess it. Choose a longer passphrase.',
};

export function isShortPassphrase(passphrase: string): boolean {
  return [...passphrase.normalize('NFC')].length < MIN_LENGTH;
}
