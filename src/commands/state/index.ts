import { accept } from './accept.ts';
import { init } from './init.ts';
import { show } from './show.ts';

export const commands = [show, init, accept];
