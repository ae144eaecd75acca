import type { z } from 'zod';
import { batch } from './batch.ts';
import { businesses } from './businesses.ts';
import { instagram } from './instagram.ts';
import { login } from './login.ts';
import { menu } from './menu.ts';
import { nodes } from './nodes.ts';
import { pages } from './pages.ts';
import { tokens } from './tokens.ts';
import { webhooks } from './webhooks.ts';
import { whatsapp } from './whatsapp.ts';

/**
 * Every call that channelctl makes, by name, except those of `channelctl api`. Only declared calls
 * compile.
 */
export const operations = {
  ...login,
  ...tokens,
  ...pages,
  ...businesses,
  ...menu,
  ...whatsapp,
  ...instagram,
  ...webhooks,
  ...nodes,
  ...batch,
} as const;

export type Operations = typeof operations;
export type OperationName = keyof Operations;

export type ParametersOf<Name extends OperationName> = z.input<Operations[Name]['parameters']>;

export type AnswerOf<Name extends OperationName> = z.output<Operations[Name]['answer']>;

/** The calls that return pages. All of them have the parameter `after`, a cursor. */
export type ListName = {
  [Name in OperationName]: 'after' extends keyof ParametersOf<Name> ? Name : never;
}[OperationName];

export type ItemOf<Name extends ListName> = AnswerOf<Name>['data'][number];
