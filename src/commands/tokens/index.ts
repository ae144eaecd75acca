import { inspect } from './inspect.ts';
import { list } from './list.ts';
import { refresh } from './refresh.ts';

export const verbs = [list, inspect, refresh];
