import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { isIP } from 'node:net';
import { platform } from 'node:os';
import { join } from 'node:path';
import { ChannelctlError } from '../errors.ts';
import { makeFolder } from '../files.ts';
import { replaceFile } from '../replace-file.ts';

export interface Certificate {
  /** The private key, which is a secret, followed by the certificate. */
  pem: string;
  /** SHA-256, as browsers show it: upper-case hex pairs separated by colons. */
  fingerprint: string;
}

const FILE_NAME = 'localhost.pem';
const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '::1'];
const DAY_MS = 24 * 60 * 60 * 1000;
/** Browsers limit the lifetime of a certificate; this is well below every limit. */
const LIFETIME_MS = 365 * DAY_MS;
const MIN_REMAINING_MS = 7 * DAY_MS;

/**
 * Returns the self-signed certificate that is stored in `folder` for the loopback server. Generates
 * a new one if it is missing, damaged, invalid for the host, about to expire or accessible to other
 * users, and stores it if the folder is writable.
 *
 * @param hostname the host of the redirect URI, for which the certificate must be valid
 * @param now milliseconds since the epoch
 */
export async function loadOrCreateCertificate(
  folder: string,
  hostname: string,
  now: number,
): Promise<Certificate> {
  const host = hostname.replace(/^\[|\]$/g, '');
  const file = join(folder, FILE_NAME);
  const stored = parseUsable(await readPrivateFile(file), host, now);
  if (stored !== null) return stored;
  const pem = await generatePem([...new Set([...LOOPBACK_HOSTS, host])], now);
  await store(folder, file, pem);
  return { pem, fingerprint: new X509Certificate(pem).fingerprint256 };
}

async function readPrivateFile(file: string): Promise<string | null> {
  try {
    const { mode } = await stat(file);
    const isPrivate = platform() === 'win32' || (mode & 0o077) === 0;
    return isPrivate ? await readFile(file, 'utf8') : null;
  } catch {
    return null;
  }
}

function parseUsable(pem: string | null, host: string, now: number): Certificate | null {
  if (pem === null) return null;
  try {
    const certificate = new X509Certificate(pem);
    const subject = isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host);
    const isCurrent =
      Date.parse(certificate.validFrom) <= now &&
      Date.parse(certificate.validTo) > now + MIN_REMAINING_MS;
    const hasItsKey = certificate.checkPrivateKey(createPrivateKey(pem));
    return subject !== undefined && isCurrent && hasItsKey
      ? { pem, fingerprint: certificate.fingerprint256 }
      : null;
  } catch {
    return null;
  }
}

async function generatePem(hosts: readonly string[], now: number): Promise<string> {
  const { default: selfsigned } = await import('selfsigned');
  const subject = [
    { name: 'commonName', value: 'localhost' },
    { name: 'organizationName', value: 'channelctl' },
  ];
  const { private: key, cert } = await selfsigned.generate(subject, {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - DAY_MS),
    notAfterDate: new Date(now - DAY_MS + LIFETIME_MS),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: hosts.map(altName) },
    ],
  });
  return `${key}${cert}\n`;
}

function altName(host: string): { type: 2; value: string } | { type: 7; ip: string } {
  return isIP(host) ? { type: 7, ip: host } : { type: 2, value: host };
}

async function store(folder: string, file: string, pem: string): Promise<void> {
  try {
    await makeFolder(folder);
    await replaceFile(file, pem);
  } catch (error) {
    // Without a stored certificate, the browser only warns again.
    if (!(error instanceof ChannelctlError)) throw error;
  }
}
