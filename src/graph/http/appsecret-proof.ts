import { createHmac } from 'node:crypto';

/**
 * The `appsecret_proof` of a call: hex HMAC-SHA256 of the access token, keyed with the app secret
 * (Meta, "Secure Graph API calls"). It shows that the token is used by the app's own server.
 */
export function appSecretProof(token: string, appSecret: string): string {
  return createHmac('sha256', appSecret).update(token).digest('hex');
}
