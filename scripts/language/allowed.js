/**
 * Uses of a phrase that are right, each with its reason.
 *
 * @type {{ text: string, in: string, reason: string }[]}
 */
export const ALLOWED = [];
