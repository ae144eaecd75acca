import { createHmac, timingSafeEqual } from 'node:crypto';

/** The header that Meta signs a delivery with. */
export const SIGNATURE_HEADER = 'x-hub-signature-256';

/** `sha256=` and the HMAC of the body's bytes with the app secret. */
export function signatureOf(body: string | Buffer, appSecret: string): string {
  return `sha256=${createHmac('sha256', appSecret).update(body).digest('hex')}`;
}

export function isSignedWith(body: Buffer, header: string, appSecret: string): boolean {
  const right = Buffer.from(signatureOf(body, appSecret));
  const given = Buffer.from(header);
  return given.length === right.length && timingSafeEqual(given, right);
}
