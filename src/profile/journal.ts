import { readFile, rm } from 'node:fs/promises';
import { whileBusy } from '../shared/busy-files.ts';
import { storageError } from '../shared/errors.ts';
import { fileError } from '../shared/file-errors.ts';
import { isObject } from '../shared/json.ts';
import { isMissing } from '../shared/links.ts';
import { replaceFile } from '../shared/replace-file.ts';
import type { SecretRef } from './types.ts';

export type ItemRef = Pick<SecretRef, 'store' | 'item'>;

/**
 * Reads the items that a change adds and removes, which are recorded in advance. Once the change
 * has ended or its process has died, items that the state does not refer to must be deleted.
 */
export async function readJournal(path: string): Promise<ItemRef[]> {
  let text: string;
  try {
    text = await whileBusy(() => readFile(path, 'utf8'));
  } catch (error) {
    if (isMissing(error, path)) return [];
    throw fileError('read', path, error);
  }
  return parseJournal(text, path);
}

function parseJournal(text: string, path: string): ItemRef[] {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value) && Array.isArray(value.items) && value.items.every(isItemRef)) {
      return value.items;
    }
  } catch {
    // Invalid JSON is reported like any other invalid content.
  }
  throw storageError(`The journal ${path} is corrupt.`, {
    hint: 'Delete the file. At worst, an unused secret remains in the secret store.',
  });
}

function isItemRef(value: unknown): value is ItemRef {
  if (!isObject(value) || typeof value.item !== 'string') return false;
  return value.store === 'keychain' || value.store === 'file';
}

/** Replaces the journal, or deletes it if there are no items. */
export async function writeJournal(path: string, items: readonly ItemRef[]): Promise<void> {
  if (items.length > 0) {
    const refs = items.map(({ store, item }) => ({ store, item }));
    return replaceFile(path, `${JSON.stringify({ version: 1, items: refs }, null, 2)}\n`);
  }
  try {
    await whileBusy(() => rm(path, { force: true }));
  } catch (error) {
    throw fileError('written', path, error);
  }
}
