// Ends the process before its nth change of a file or of the Credential Manager.
const files = require('node:fs/promises');
const { createRequire, syncBuiltinESMExports } = require('node:module');

const requireInstalled = createRequire('C:/app/node_modules/channelctl/bin/channelctl.js');
let left = Number(process.env.KILL_BEFORE);
const isForItems = process.env.KILL_IN === 'keychain';

function count(target, name) {
  const original = target[name];
  target[name] = function counted(...args) {
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
    return original.apply(this, args);
  };
}

if (isForItems) {
  count(requireInstalled('@napi-rs/keyring').AsyncEntry.prototype, 'setPassword');
} else {
  for (const name of ['writeFile', 'rename', 'rm', 'link']) count(files, name);
  syncBuiltinESMExports();
}
