import { inspect } from './inspect.ts';
import { list } from './list.ts';
import { refresh } from './refresh.ts';

export const commands = [list, inspect, refresh];
