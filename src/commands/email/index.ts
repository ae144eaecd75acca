import { check } from './check.ts';

export const commands = [check];
