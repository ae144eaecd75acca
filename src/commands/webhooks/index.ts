import { listen } from './listen.ts';
import { set } from './set.ts';
import { status } from './status.ts';
import { test } from './test.ts';
import { unset } from './unset.ts';

export const commands = [status, set, unset, test, listen];
