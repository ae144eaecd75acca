/** The owner of a configuration: an integration (no account key) or an account. */
export interface Owner {
  channel: string;
  account_key?: string;
}

/** The name under which an owner's secrets are stored: `messenger` or `messenger/fb-1065`. */
export function ownerName({ channel, account_key }: Owner): string {
  return account_key === undefined ? channel : `${channel}/${account_key}`;
}

/** The variable that holds a secret of an owner: `CHANNELCTL_SECRET_WHATSAPP_WA_1065_ACCESS_TOKEN`. */
export function secretVariable({ channel, account_key }: Owner, field: string): string {
  const parts = [channel, account_key, field].filter((part) => part !== undefined);
  return `CHANNELCTL_SECRET_${parts
    .join('_')
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '_')}`;
}
