/** The ID and secret of an integration's app. */
export interface AppCredentials {
  channel: string;
  id: string;
  secret: string;
}

/** Returns the app access token, which consists of the app's ID and secret. */
export function appToken({ channel, id, secret }: AppCredentials) {
  return { channel, token: `${id}|${secret}`, appSecret: secret };
}
