import { start } from './start.ts';

export const commands = [start];
