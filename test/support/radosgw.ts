import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AwsClient } from 'aws4fetch';
import { eventually, freePort, serverFolder } from './unprivileged.ts';

const PROGRAMS = ['/usr/bin/radosgw', '/usr/bin/ceph-mon', '/usr/bin/ceph-osd', '/usr/bin/ceph'];

export const hasRadosgw = PROGRAMS.every((path) => existsSync(path));

export const KEYS = { accessKeyId: 'test-key', secretAccessKey: 'the-secret-of-the-test-key' };

/** Starts an S3 server: one monitor, one storage daemon in memory, and the gateway. */
export async function startRadosgw() {
  const folder = await serverFolder();
  const [monitorPort, port, id] = [await freePort(), await freePort(), randomUUID()];
  const path = (name: string) => join(folder.path, name);
  for (const name of ['mon', 'osd', 'run']) await mkdir(path(name), { mode: 0o777 });
  await writeFile(path('ceph.conf'), configuration({ folder: folder.path, monitorPort, port, id }));
  const conf = ['-c', path('ceph.conf')];
  const env = { ...process.env, CEPH_CONF: path('ceph.conf') };
  for (const name of ['mon', 'osd', 'run']) {
    await folder.run('/bin/sh', ['-c', `rm -rf ${name} && mkdir ${name}`], { env });
  }
  const monitor = `[v2:127.0.0.1:${monitorPort}]`;
  await folder.run('monmaptool', [
    '--create',
    '--fsid',
    id,
    '--addv',
    'a',
    monitor,
    path('monmap'),
  ]);
  await folder.run('ceph-mon', [...conf, '--mkfs', '-i', 'a', '--monmap', path('monmap')]);
  folder.start('ceph-mon', [...conf, '-i', 'a', '-f']);
  await folder.run('ceph', [...conf, 'osd', 'create']);
  await folder.run('ceph-osd', [...conf, '-i', '0', '--mkfs', '--osd-uuid', randomUUID()]);
  folder.start('ceph-osd', [...conf, '-i', '0', '-f']);
  await folder.run('radosgw-admin', [
    ...[...conf, 'user', 'create', '--uid=test', '--display-name=test'],
    ...[`--access-key=${KEYS.accessKeyId}`, `--secret=${KEYS.secretAccessKey}`],
  ]);
  folder.start('radosgw', [...conf, '-f', '-n', 'client.admin']);
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new AwsClient({ ...KEYS, service: 's3', region: 'us-east-1', retries: 0 });
  const send = async (key: string, init: RequestInit = {}) => {
    const response = await client.fetch(`${endpoint}/${key}`, init);
    const body = Buffer.from(await response.arrayBuffer());
    if (!response.ok) throw new Error(`HTTP ${response.status} ${body}`);
    return body;
  };
  await eventually(() => send(''));
  return { endpoint, send, stop: () => folder.stop() };
}

interface Ports {
  folder: string;
  monitorPort: number;
  port: number;
  id: string;
}

/** The gateway by default requires encryption, which is impossible without authentication. */
function configuration({ folder, monitorPort, port, id }: Ports): string {
  return `[global]
fsid = ${id}
mon host = [v2:127.0.0.1:${monitorPort}]
mon initial members = a
public addr = 127.0.0.1
ms bind msgr1 = false
ms mon client mode = crc
ms client mode = crc
auth cluster required = none
auth service required = none
auth client required = none
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd objectstore = memstore
mon data = ${folder}/mon
osd data = ${folder}/osd
run dir = ${folder}/run
admin socket =
log file =
mon cluster log to file = false
[client.admin]
rgw frontends = beast endpoint=127.0.0.1:${port}
rgw data = ${folder}
`;
}
