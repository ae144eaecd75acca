import { listen } from './listen.ts';
import { set } from './set.ts';
import { status } from './status.ts';
import { test } from './test.ts';

export const commands = [status, set, test, listen];
