import { init } from './init.ts';
import { show } from './show.ts';

export const commands = [show, init];
