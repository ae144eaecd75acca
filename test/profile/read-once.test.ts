import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { afterEach, expect, test } from 'vitest';
import { home } from '../support/cli.ts';

const { readFileSync } = fs;

function countReads(path: string): () => number {
  let reads = 0;
  fs.readFileSync = new Proxy(readFileSync, {
    apply: (target, self, args) => {
      if (args[0] === path) reads += 1;
      return Reflect.apply(target, self, args);
    },
  });
  syncBuiltinESMExports();
  return () => reads;
}

afterEach(() => {
  fs.readFileSync = readFileSync;
  syncBuiltinESMExports();
});

test.each(['accounts list', 'accounts get a', 'status --offline', 'config list'])(
  '%s reads the state file once',
  async (line) => {
    const own = await home();
    const create = ['accounts', 'create', '--channel', 'email', '--account-key', 'a'];
    await own.json(...create, '--config', 'address=a@example.com');
    const reads = countReads(own.stateFile());
    await own.json(...line.split(' '));
    expect(reads()).toBe(1);
  },
);
