import type { z } from 'zod';
import { instagram } from './instagram.ts';
import { login } from './login.ts';
import { menu } from './menu.ts';
import { nodes } from './nodes.ts';
import { pages } from './pages.ts';
import { tokens } from './tokens.ts';
import { webhooks } from './webhooks.ts';
import { whatsapp } from './whatsapp.ts';

/**
 * Every call that channelctl makes, by name, and those that people make with `channelctl api` to
 * look around. A call that is not here does not compile.
 */
export const operations = {
  ...login,
  ...tokens,
  ...pages,
  ...menu,
  ...whatsapp,
  ...instagram,
  ...webhooks,
  ...nodes,
} as const;

export type Operations = typeof operations;
export type OperationName = keyof Operations;

/** What a call takes, path parameters included. */
export type ParametersOf<Name extends OperationName> = z.input<Operations[Name]['parameters']>;

/** What a call answers. */
export type AnswerOf<Name extends OperationName> = z.output<Operations[Name]['answer']>;

/** The calls that answer in pages: those that take the cursor `after`. */
export type ListName = {
  [Name in OperationName]: 'after' extends keyof ParametersOf<Name> ? Name : never;
}[OperationName];

/** One item of a call that answers in pages. */
export type ItemOf<Name extends ListName> = AnswerOf<Name>['data'][number];
