/** Secrets of channelctl and of its shared state. */
const SECRETS =
  /^(?:CHANNELCTL_(?:(?:NEW_)?PASSPHRASE|SECRET_)|(?:PGPASSWORD|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN)$)/i;

/**
 * Opens a URL. The browser outlives this process, so it must not inherit the secrets in the
 * environment.
 */
export async function openInBrowser({ env }: NodeJS.Process, url: string): Promise<void> {
  const { default: open } = await import('open');
  for (const name of Object.keys(env)) {
    if (SECRETS.test(name)) delete env[name];
  }
  await open(url);
}
