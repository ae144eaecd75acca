import { env } from './env.ts';
import { start } from './start.ts';

export const commands = [start, env];
