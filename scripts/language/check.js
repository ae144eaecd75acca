// Finds phrases that are not plain English in strings, comments and Markdown files.
import { ALLOWED } from './allowed.js';
import { listFiles } from './files.js';
import { findPhrases } from './phrases.js';
import { readTexts } from './read-texts.js';

const unused = new Set(ALLOWED);
const problems = [];

for (const { file, line, text } of listFiles().flatMap((file) => readTexts(file))) {
  for (const { phrase, instead } of findPhrases(text)) {
    const allowed = ALLOWED.find(
      (one) => file.startsWith(one.in) && one.text.includes(phrase) && text.includes(one.text),
    );
    if (allowed === undefined) problems.push(`${file}:${line}  "${phrase}": write ${instead}`);
    else unused.delete(allowed);
  }
}
for (const { text } of unused) {
  problems.push(`scripts/language/allowed.js  "${text}" does not occur: remove it`);
}

if (problems.length > 0) {
  process.stderr.write(`${problems.join('\n')}\n\nSee docs/style.md for the rules.\n`);
  process.exitCode = 1;
}
