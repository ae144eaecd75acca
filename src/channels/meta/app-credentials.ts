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

/** Returns credentials with the app access token, which consists of the app's ID and secret. */
export function appToken({ channel, id, secret, keys }: AppCredentials) {
  return { channel, token: `${id}|${secret}`, appSecret: secret, appKeys: keys };
}
