/**
 * Opens a URL. The browser outlives this process, so it must not inherit the secrets in the
 * environment.
 */
export async function openInBrowser({ env }: NodeJS.Process, url: string): Promise<void> {
  const { default: open } = await import('open');
  for (const name of Object.keys(env)) {
    if (/^CHANNELCTL_((NEW_)?PASSPHRASE|SECRET_)/i.test(name)) delete env[name];
  }
  await open(url);
}
