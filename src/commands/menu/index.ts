import { remove } from './delete.ts';
import { get } from './get.ts';
import { set } from './set.ts';

export const commands = [get, set, remove];
