import { X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { loadOrCreateCertificate } from '../../../src/shared/loopback/certificate.ts';
import { temporaryFolder } from '../../support/cli.ts';
import { startSignIn } from './support.ts';

const DAY = 24 * 60 * 60 * 1000;
const NOW = Date.parse('2026-08-01T12:00:00Z');

const newFolder = async () => join(await temporaryFolder(), 'tls');

test('is valid only for this machine, and for less time than browsers allow', async () => {
  const { pem, fingerprint } = await loadOrCreateCertificate(await newFolder(), 'localhost', NOW);
  const certificate = new X509Certificate(pem);
  expect(certificate.checkHost('localhost')).toBe('localhost');
  expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(certificate.checkIP('::1')).toBe('::1');
  expect(certificate.subjectAltName?.split(', ')).toHaveLength(3);
  expect(certificate.ca).toBe(false);
  expect(certificate.fingerprint256).toBe(fingerprint);
  const days = (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / DAY;
  expect(days).toBeLessThan(398);
});

describe('the certificate', () => {
  test('is stored in a file and folder that only their owner can access', async () => {
    const folder = await newFolder();
    await loadOrCreateCertificate(folder, 'localhost', NOW);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, 'localhost.pem'))).mode & 0o777).toBe(0o600);
  });

  test('is reused until a week before it expires', async () => {
    const folder = await newFolder();
    const first = await loadOrCreateCertificate(folder, 'localhost', NOW);
    expect(await loadOrCreateCertificate(folder, '[::1]', NOW + 300 * DAY)).toEqual(first);
    const { pem } = await loadOrCreateCertificate(folder, 'localhost', NOW + 358 * DAY);
    expect(pem).not.toBe(first.pem);
    expect(await readFile(join(folder, 'localhost.pem'), 'utf8')).toBe(pem);
  });

  test.each<[string, (file: string, pem: string) => Promise<void>]>([
    ['it is damaged', (file, pem) => writeFile(file, pem.slice(0, 300))],
    ['it is not a certificate', (file) => writeFile(file, 'hello')],
    ['others can read its key', (file) => chmod(file, 0o644)],
    [
      'it has the wrong key',
      async (file, pem) => {
        const other = await loadOrCreateCertificate(await newFolder(), 'localhost', NOW);
        const start = '-----BEGIN CERTIFICATE-----';
        await writeFile(file, other.pem.split(start)[0] + start + pem.split(start)[1]);
      },
    ],
  ])('is replaced if %s', async (_why, spoil) => {
    const folder = await newFolder();
    const first = await loadOrCreateCertificate(folder, 'localhost', NOW);
    const file = join(folder, 'localhost.pem');
    await spoil(file, first.pem);
    const second = await loadOrCreateCertificate(folder, 'localhost', NOW);
    expect(second.fingerprint).not.toBe(first.fingerprint);
    expect(await loadOrCreateCertificate(folder, 'localhost', NOW)).toEqual(second);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('is replaced for another loopback address, which it then includes', async () => {
    const folder = await newFolder();
    const first = await loadOrCreateCertificate(folder, 'localhost', NOW);
    const second = await loadOrCreateCertificate(folder, '127.0.0.9', NOW);
    expect(second.fingerprint).not.toBe(first.fingerprint);
    expect(new X509Certificate(second.pem).checkIP('127.0.0.9')).toBe('127.0.0.9');
    expect(await loadOrCreateCertificate(folder, 'localhost', NOW)).toEqual(second);
  });

  test('is held in memory if the folder is not writable', async () => {
    const folder = join(await temporaryFolder(), 'a file');
    await writeFile(folder, '');
    const { pem } = await loadOrCreateCertificate(folder, 'localhost', NOW);
    expect(new X509Certificate(pem).checkHost('localhost')).toBe('localhost');
  });

  test('is stored without changing the mode of an existing folder', async () => {
    const folder = await newFolder();
    await mkdir(folder, { mode: 0o755 });
    await loadOrCreateCertificate(folder, 'localhost', NOW);
    expect((await stat(folder)).mode & 0o777).toBe(0o755);
  });
});

test('announces the browser warning and the fingerprint of the certificate', async () => {
  const { said, port } = await startSignIn({ scheme: 'https' });
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  expect(said.filter((line) => line.includes('certificate'))).toEqual([
    expect.stringContaining(`warns about the certificate for https://localhost:${port}`),
    `SHA-256 fingerprint of the certificate: ${fingerprint256}`,
  ]);
});
