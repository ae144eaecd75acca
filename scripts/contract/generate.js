/**
 * Generates test/contract/whatsapp.json from Meta's OpenAPI description of the WhatsApp Business API:
 *
 *   node scripts/contract/generate.js <path of the description>
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';
import { whatsappCalls } from './whatsapp-calls.js';

const TARGET = new URL('../../test/contract/whatsapp.json', import.meta.url);
const MAX_LINE_LENGTH = 100;

const [path] = process.argv.slice(2);
if (path === undefined) {
  process.stderr.write('usage: node scripts/contract/generate.js <path of the description>\n');
  process.exit(2);
}
const calls = whatsappCalls(parse(readFileSync(path, 'utf8')));
writeFileSync(TARGET, `${formatted(calls, '')}\n`);
process.stdout.write(`Wrote ${Object.keys(calls).length} calls.\n`);

function formatted(value, indent) {
  const inline = JSON.stringify(value, null, 1).replace(/\n */g, ' ');
  if (indent.length + inline.length <= MAX_LINE_LENGTH || Object(value) !== value) return inline;
  const deeper = `${indent}  `;
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const entries = Object.entries(value).map(([key, inner]) => {
    const name = Array.isArray(value) ? '' : `${JSON.stringify(key)}: `;
    return `${deeper}${name}${formatted(inner, deeper)}`;
  });
  return `${open}\n${entries.join(',\n')}\n${indent}${close}`;
}
