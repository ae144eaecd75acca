import { distance } from 'fastest-levenshtein';
import type { ChannelctlError } from './errors.ts';
import { joinSentences } from './text.ts';

const MAX_SUGGESTIONS = 3;
const MAX_DISTANCE = 3;
/** A shorter word is part of too many others. */
const MIN_PART_LENGTH = 3;

/** Returns the known words that are most similar to `word`, ignoring case and punctuation. */
export function closestWords(word: string, known: readonly string[]): string[] {
  const wanted = folded(word);
  const rated = [...new Set(known)].map((one) => ({ one, far: differenceOf(wanted, folded(one)) }));
  const least = Math.min(...rated.map(({ far }) => far));
  if (least === Number.POSITIVE_INFINITY) return [];
  return rated
    .filter(({ far }) => far === least)
    .map(({ one }) => one)
    .slice(0, MAX_SUGGESTIONS);
}

function differenceOf(wanted: string, candidate: string): number {
  const far = distance(wanted, candidate);
  if (far <= Math.min(MAX_DISTANCE, Math.max(wanted.length, candidate.length) / 2)) return far;
  const isPart = wanted.length >= MIN_PART_LENGTH && candidate.includes(wanted);
  return isPart ? MAX_DISTANCE + 1 : Number.POSITIVE_INFINITY;
}

function folded(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}/]/gu, '');
}

/** Returns "Did you mean a, b or c?"; empty if no words are given. */
export function didYouMean(words: readonly string[]): string {
  const list = words.join(', ').replace(/, (?=[^,]*$)/, ' or ');
  return list === '' ? '' : `Did you mean ${list}?`;
}

/** Adds the known words that are closest to a misspelt one to the hint of an error. */
export function withSuggestion(error: ChannelctlError): ChannelctlError {
  if (error.misspelt === undefined) return error;
  const { word, known } = error.misspelt;
  return error.with({ hint: joinSentences(didYouMean(closestWords(word, known)), error.hint) });
}
