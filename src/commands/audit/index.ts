import { list } from './list.ts';

export const commands = [list];
