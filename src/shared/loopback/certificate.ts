import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { isIP } from 'node:net';
import { platform } from 'node:os';
import { join } from 'node:path';
import { ChannelctlError } from '../errors.ts';
import { makeFolder, replaceFile } from '../files.ts';

/** A certificate and its key. */
export interface Certificate {
  /** Key and certificate, one after the other. A secret. */
  pem: string;
  /** SHA-256, as browsers show it: upper-case hex pairs with colons. */
  fingerprint: string;
}

const FILE = 'localhost.pem';
const NAMES = ['localhost', '127.0.0.1', '::1'];
const DAY_MS = 24 * 60 * 60 * 1000;
/** Browsers refuse certificates that are valid for 398 days or more. */
const LIFETIME_MS = 365 * DAY_MS;
const LEAST_LEFT_MS = 7 * DAY_MS;

/**
 * The certificate that this machine's sign-in listener shows: the one kept in `folder` or, where
 * that is missing, damaged, about to expire or open to other users, a new one. Where the folder
 * can't be written, the new one lives in memory alone.
 *
 * @param hostname the host of the redirect address, which the certificate must name
 * @param now milliseconds since the epoch
 */
export async function loopbackCertificate(
  folder: string,
  hostname: string,
  now: number,
): Promise<Certificate> {
  const name = hostname.replace(/^\[|\]$/g, '');
  const file = join(folder, FILE);
  const kept = usable(await readPrivate(file), name, now);
  if (kept !== null) return kept;
  const pem = await generatePem([...new Set([...NAMES, name])], now);
  await keep(folder, file, pem);
  return { pem, fingerprint: new X509Certificate(pem).fingerprint256 };
}

/** The file's text; null where it can't be read or other users can read it too. */
async function readPrivate(file: string): Promise<string | null> {
  try {
    const { mode } = await stat(file);
    const isPrivate = platform() === 'win32' || (mode & 0o077) === 0;
    return isPrivate ? await readFile(file, 'utf8') : null;
  } catch {
    return null;
  }
}

function usable(pem: string | null, name: string, now: number): Certificate | null {
  if (pem === null) return null;
  try {
    const certificate = new X509Certificate(pem);
    const isNamed = isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name);
    const isCurrent =
      Date.parse(certificate.validFrom) <= now &&
      Date.parse(certificate.validTo) > now + LEAST_LEFT_MS;
    const fits = certificate.checkPrivateKey(createPrivateKey(pem));
    return isNamed !== undefined && isCurrent && fits
      ? { pem, fingerprint: certificate.fingerprint256 }
      : null;
  } catch {
    return null;
  }
}

async function generatePem(names: readonly string[], now: number): Promise<string> {
  const { default: selfsigned } = await import('selfsigned');
  const subject = [
    { name: 'commonName', value: 'localhost' },
    { name: 'organizationName', value: 'channelctl' },
  ];
  const made = await selfsigned.generate(subject, {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - DAY_MS),
    notAfterDate: new Date(now - DAY_MS + LIFETIME_MS),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: names.map(altName) },
    ],
  });
  return `${made.private}${made.cert}\n`;
}

function altName(name: string): { type: 2; value: string } | { type: 7; ip: string } {
  return isIP(name) ? { type: 7, ip: name } : { type: 2, value: name };
}

/** Keeps the certificate for the next time, so that browsers need not be persuaded again. */
async function keep(folder: string, file: string, pem: string): Promise<void> {
  try {
    await makeFolder(folder);
    await replaceFile(file, pem);
  } catch (error) {
    // Without a kept one the browser only warns once more the next time. The same goes for two
    // sign-ins that get in each other's way here: what they may spoil is made anew.
    if (!(error instanceof ChannelctlError)) throw error;
  }
}
