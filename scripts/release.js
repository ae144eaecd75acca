// Creates a release: checks the working tree, sets the version, dates the changelog, packs, commits
// and tags. Without --execute, only prints these steps. Never pushes or publishes.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const USAGE = 'Usage: npm run release -- <patch|minor|major|x.y.z> [--execute]';
const CHANGED_FILES = ['package.json', 'package-lock.json', 'CHANGELOG.md'];
const UNRELEASED = '## Unreleased\n';

try {
  release();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

function release() {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { execute: { type: 'boolean', default: false } },
  });
  const [wanted, ...rest] = positionals;
  if (wanted === undefined || rest.length > 0) throw new Error(USAGE);
  const version = nextVersion(JSON.parse(readFileSync('package.json', 'utf8')).version, wanted);
  const changelog = readFileSync('CHANGELOG.md', 'utf8');
  const notes = unreleasedNotes(changelog);
  checkTree(version);
  if (!values.execute) {
    print(`Dry run. With --execute, this would release ${version}:`);
    print('  1. run npm run check and npm test');
    print(`  2. set the version in package.json and package-lock.json to ${version}`);
    print(`  3. date the unreleased entries of CHANGELOG.md (${notes.split('\n').length} lines)`);
    print('  4. pack');
    print(`  5. commit, and tag v${version}`);
    return;
  }
  run('npm', ['run', 'check']);
  run('npm', ['test']);
  let archive;
  try {
    run('npm', ['version', version, '--no-git-tag-version', '--ignore-scripts']);
    const date = new Date().toISOString().slice(0, 10);
    const heading = `${UNRELEASED}\n## ${version} (${date})\n`;
    writeFileSync('CHANGELOG.md', changelog.replace(UNRELEASED, heading));
    archive = read('npm', ['pack', '--json']);
    run('git', ['add', ...CHANGED_FILES]);
    run('git', ['commit', '--quiet', '--message', `release: ${version}`]);
  } catch (error) {
    run('git', ['checkout', '--quiet', 'HEAD', '--', ...CHANGED_FILES]);
    throw error;
  }
  run('git', [
    'tag',
    '--annotate',
    `v${version}`,
    '--message',
    `${version}\n\n${notes}`,
    '--cleanup=verbatim',
  ]);
  print(`Released ${version}: ${packedFile(archive)}`);
  print(`To publish, push the commit and the tag: git push --follow-tags`);
  print(`To undo: git tag --delete v${version} && git reset --hard HEAD~1`);
}

/**
 * Returns the file name from `npm pack --json`, which prints an array or, in newer versions, an
 * object.
 */
function packedFile(output) {
  const json = JSON.parse(output.slice(output.search(/^[[{]/m)));
  return Object.values(json)[0].filename;
}

function nextVersion(current, wanted) {
  const parts = current.split('.').map(Number);
  const index = ['major', 'minor', 'patch'].indexOf(wanted);
  if (index !== -1) {
    const next = parts.map((part, at) => (at < index ? part : at === index ? part + 1 : 0));
    return next.join('.');
  }
  if (!/^\d+\.\d+\.\d+$/.test(wanted))
    throw new Error(`"${wanted}" is not a valid version.\n${USAGE}`);
  const order = wanted.split('.').map((part, at) => Number(part) - parts[at]);
  if ((order.find((difference) => difference !== 0) ?? 0) <= 0) {
    throw new Error(`${wanted} is not higher than the current version, ${current}.`);
  }
  return wanted;
}

function unreleasedNotes(changelog) {
  const [, after] = changelog.split(UNRELEASED);
  const notes = after?.split(/^## /m)[0]?.trim();
  if (!notes) throw new Error('CHANGELOG.md has no entries under "## Unreleased".');
  return notes;
}

function checkTree(version) {
  if (read('git', ['status', '--porcelain']) !== '') {
    throw new Error('The working tree has uncommitted changes: commit or stash them first.');
  }
  const branch = read('git', ['branch', '--show-current']).trim();
  if (branch !== 'main')
    throw new Error(`Releases are created from main, but the current branch is "${branch}".`);
  if (read('git', ['tag', '--list', `v${version}`]) !== '') {
    throw new Error(`The tag v${version} already exists.`);
  }
}

function run(command, args) {
  execFileSync(command, args, { stdio: 'inherit' });
}

function read(command, args) {
  return execFileSync(command, args, { encoding: 'utf8' });
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
