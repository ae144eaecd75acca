import { forget } from './forget.ts';
import { generateKey } from './generate-key.ts';
import { list } from './list.ts';
import { move } from './move.ts';
import { passphrase } from './passphrase.ts';
import { remember } from './remember.ts';

export const commands = [list, move, passphrase, generateKey, remember, forget];
