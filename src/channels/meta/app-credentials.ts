export interface AppCredentials {
  channel: string;
  id: string;
  secret: string;
  keys?: AppKeys;
}

export interface AppKeys {
  id: string;
  secret: string;
}

export const APP_KEYS: AppKeys = { id: 'app_id', secret: 'app_secret' };

export function appToken({ channel, id, secret, keys }: AppCredentials) {
  return { channel, token: `${id}|${secret}`, appSecret: secret, appKeys: keys };
}
