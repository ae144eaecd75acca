import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFile(new URL(`../dist/${file}`, import.meta.url), 'utf8');

async function bundledPackages(): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/process.ts', 'src/completion/main.ts'],
    bundle: true,
    write: false,
    metafile: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    outdir: 'dist',
    external: ['@napi-rs/keyring'],
    loader: { '.client.js': 'text' },
    logLevel: 'error',
  });
  const folders = Object.keys(metafile.inputs).map(
    (file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1],
  );
  const manifests = [...new Set(folders)].filter((folder) => folder !== undefined);
  const packages = await Promise.all(
    manifests.map(async (folder) => {
      const manifest = await readFile(`${ROOT}/${folder}/package.json`, 'utf8');
      const { name, version } = JSON.parse(manifest);
      return `${name} ${version}`;
    }),
  );
  // The build replaces env-paths with an empty module.
  return packages.filter((one) => !one.startsWith('env-paths ')).sort();
}

test('the package lists every bundled package in its SBOM and with its licence text', async () => {
  const bundled = await bundledPackages();
  expect(bundled.length).toBeGreaterThan(50);

  const { components } = JSON.parse(await read('sbom.cdx.json'));
  const listed = components.map(
    ({ group, name, version }: { group?: string; name: string; version: string }) =>
      `${group === undefined ? '' : `${group}/`}${name} ${version}`,
  );
  expect([...new Set(listed)].sort()).toEqual(bundled);

  const licenses = await read('THIRD-PARTY-LICENSES.txt');
  const titles = licenses.split(/^-{80}$/m).map((entry) => entry.trim().split('\n')[0] ?? '');
  expect(titles.filter((title) => !/^\S+ [\d.]\S* \(.+\)$/.test(title))).toEqual([]);
  expect([...new Set(titles.map((title) => title.replace(/ \(.*$/, '')))].sort()).toEqual(bundled);
  expect(
    licenses.match(/permission (?:notice|is hereby granted)|Apache License/gi)?.length,
  ).toBeGreaterThan(50);
});

test('the SBOM is CycloneDX and contains no local paths or registries', async () => {
  const text = await read('sbom.cdx.json');
  expect(JSON.parse(text)).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6' });
  expect(text).not.toContain(ROOT);
  expect(text).not.toMatch(/registry\./);
});
