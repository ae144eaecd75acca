import { generateKey } from './generate-key.ts';
import { list } from './list.ts';
import { move } from './move.ts';
import { passphrase } from './passphrase.ts';

export const commands = [list, move, passphrase, generateKey];
