import { check } from './check.ts';
import { create } from './create.ts';
import { remove } from './delete.ts';
import { get } from './get.ts';
import { list } from './list.ts';
import { setDefault } from './set-default.ts';
import { update } from './update.ts';

export const commands = [list, get, create, update, setDefault, check, remove];
