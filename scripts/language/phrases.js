/**
 * Phrases that are not plain English, each with its replacement. `wrong` lists examples that must
 * be found; `right` lists uses of the same words that must not be found.
 *
 * @typedef {{ pattern: RegExp, instead: string, wrong: string[], right?: string[] }} Phrase
 */

/** @type {Phrase[]} */
export const PHRASES = [
  {
    pattern: /(?:^|[.;:] )Where (?!are|do|does|is|to)[^?.]+?, (?!and\b)/,
    instead: 'if, when',
    wrong: ['Where the cache is lost, sign in again.'],
    right: ['Where secrets are stored, and how to pass them', 'Where is the state?'],
  },
  {
    pattern:
      /\b(?:except|even|only) where\b|\bwhere (?:there|nothing|no|neither)\b|, where (?:it|they|one) (?:is|are|has|have|can|does)\b/i,
    instead: 'if, when, unless',
    wrong: ['null where there is none', 'optional, where it has a default', 'only where it helps'],
    right: [
      'the folder where the state is stored',
      'Return to the terminal, where channelctl continues.',
    ],
  },
  {
    pattern: /\b(?:what|that) (?:is|was) (?:already )?there\b|\bwhat there is\b/i,
    instead: 'existing',
    wrong: ['keeps what is already there', 'updates what there is'],
    right: ['a file that is stored there'],
  },
  {
    pattern: /\bthat there (?:is|are|was|were)\b/i,
    instead: 'that exists',
    wrong: ['a topic that there is not'],
    right: ['Check that the file exists.'],
  },
  {
    pattern: /\bwhat (?:stands?|stood)\b|\bstanding\b/i,
    instead: 'remote state, configuration at Meta',
    wrong: ['what stands at Meta', 'the standing of an account'],
    right: ['an outstanding request'],
  },
  {
    pattern: /\bstands?\b(?!-in\b| in\b| for\b)/i,
    instead: 'be, appear, exist, apply',
    wrong: ['The hint stands below the message.', 'so that it is to stand there'],
    right: ['a local stand-in for Meta', '… stands for an inserted value'],
  },

  {
    pattern: /\b(?:a|the|one|another|this|that) person\b|\bpersons\b/i,
    instead: 'you, the user, the Page admin',
    wrong: ['the person has to grant it', 'which needs a person'],
    right: ['personal access'],
  },
  {
    pattern: /\b(?:some|no|every|any)body\b/i,
    instead: 'you, the user, or the passive',
    wrong: ['Nobody answered in time.', 'Everybody can read it.'],
    right: ['the body of the request'],
  },
  {
    pattern: /\bplay(?:s|ed|ing)? Meta\b/i,
    instead: 'send test webhooks, as Meta would',
    wrong: ['Play Meta toward your webhook'],
  },

  {
    pattern:
      /\b(?:is|are|was|were|be|been|being) (?:kept|held)\b(?! (?:back|open|alive|up|in memory))/i,
    instead: 'stored',
    wrong: ['The secret is kept in the keychain.', 'where tokens are held'],
    right: ['The connection is kept open.'],
  },
  {
    pattern:
      /\b(?:keeps?|holds?|kept) (?:(?:the|its|a|an|every|all|no) )?(?:\w+ )?(?:secret|token|password|passphrase|PIN|setting)s?\b/i,
    instead: 'store, have, contain',
    wrong: ['the account keeps the PIN', 'an account that holds a user token', 'the kept token'],
    right: ['Keep the window open.'],
  },
  {
    pattern: /\b(?:take|takes|taken|took|taking) (?:\S+ ){0,6}away\b/i,
    instead: 'remove, delete',
    wrong: ['take a key away', 'Take the persistent menu of the Page away?', 'is taken away'],
    right: ['Take a number.'],
  },
  {
    pattern: /\bbeats?\b/i,
    instead: 'override',
    wrong: ['A flag beats a variable.'],
    right: ['a heartbeat'],
  },
  {
    pattern: /\bmend(?:s|ed|ing|able)?\b/i,
    instead: 'fix',
    wrong: ['mends what it can', 'not yet mended'],
    right: ['recommended'],
  },
  {
    pattern: /\b(?:tells?|told|telling)\b(?! (?:\S+ ){0,3}apart)/i,
    instead: 'report, show, return',
    wrong: ['tells why', 'Meta was told about it'],
    right: ['to tell the two apart'],
  },
  {
    pattern: /\bsa(?:ys|id|y) (?:something )?(?:new )?of\b/i,
    instead: 'report, show, return',
    wrong: ['Meta says something new of the quality.', 'what Meta said of it'],
    right: ['It says so.'],
  },
  {
    pattern: /(?<!\b(?:leaves?|left|leaving|let) (?:\S+ ){0,3})\balone\b/i,
    instead: 'only',
    wrong: ['The WABA alone is read.'],
    right: ['Leave the others alone.', 'a standalone file'],
  },
  {
    pattern: /\banew\b/i,
    instead: 'again',
    wrong: ['starts anew'],
  },
  {
    pattern: /\bby (?:itself|themselves)\b/i,
    instead: 'automatically',
    wrong: ['It goes away by itself.'],
  },
  {
    pattern: /\ball the same\b/i,
    instead: 'anyway',
    wrong: ['Meta may have done it all the same.'],
  },
  {
    pattern: /\b(?:go|goes|going|went|gone) on\b/i,
    instead: 'continue',
    wrong: ['The others go on.', 'went on without it'],
    right: ['The result goes to stdout.'],
  },
  {
    pattern:
      /\b(?:comes?|came|goes|puts?|written|added|printed) (?:behind|before) (?:it|them|the|a|an|each|every)\b/i,
    instead: 'after, in front of',
    wrong: ['the unit is written behind the number', 'a sign comes before each line'],
    right: ['behind a proxy', 'before the request is sent'],
  },
  {
    pattern: /\ba text\b(?! (?:message|file|field|editor|input|area|box|node|part))/i,
    instead: 'a string',
    wrong: ['The value must be a text.'],
    right: ['send a text message'],
  },
  {
    pattern: /\bbeginning of (?:an|the|its|their) ids?\b/i,
    instead: 'ID prefix',
    wrong: ['id, beginning of the id, or account_key'],
  },
  {
    pattern: /\bon the spot\b|\bmade (?:where|if) (?:it|they) (?:is|are) left out\b/i,
    instead: 'generated, generated if omitted',
    wrong: ['a key made on the spot', 'made where it is left out'],
  },
  {
    pattern: /\bforg(?:et|ets|ot|otten|etting)\b/i,
    instead: 'delete',
    wrong: ['Forgot the profile.', 'And forget what the document does not have'],
  },
  {
    pattern: /\bDo \S+ steps?\b|\bDid \S+ of \S+ steps?\b/i,
    instead: 'Apply 1 change? Applied 1 change.',
    wrong: ['Do 1 step?', 'Did 1 of 1 step.'],
  },
  {
    pattern:
      /(?<!\bthere )\b(?:is|are|was|were) (?:no (?!longer\b|more\b|fewer\b|less\b|other\b)|none\b)/i,
    instead: 'is not, is not an X',
    wrong: ['"fb" is no ID.', 'The list is none.', 'they are no wall'],
    right: ['There is no account yet.', 'The token is no longer valid.'],
  },
  {
    pattern: /\bfaults?\b(?! injection)/i,
    instead: 'error, issue, bug',
    wrong: ['The document has two faults.'],
    right: ['the default value'],
  },
  {
    pattern: /\bpassing (?:error|failure|fault|problem|trouble)s?\b|\bis passing\b/i,
    instead: 'temporary, retryable',
    wrong: ['retries a passing error'],
    right: ['Passing a value on the command line is unsafe.'],
  },
  {
    pattern: /\bgone\b/,
    instead: 'missing, deleted, stale',
    wrong: ['a stored secret that is gone'],
    right: ['HTTP 410 Gone'],
  },
  {
    pattern: /\bin place of\b/i,
    instead: 'instead of',
    wrong: ['a token in place of the stored one'],
    right: ['edited in place'],
  },
  {
    pattern: /\b(?:is|are|was) worth\b(?! \w+ing\b)/i,
    instead: 'validity and permissions',
    wrong: ["Ask Meta what an account's token is worth"],
    right: ['It is worth checking.'],
  },
  {
    pattern: /\bin force\b/i,
    instead: 'effective',
    wrong: ['the role in force'],
    right: ['enforced'],
  },
  {
    pattern: /\ban own\b|\bone of (?:its|their|your) own\b/i,
    instead: 'its own, custom',
    wrong: ['an own URL', 'a limit, one of their own'],
    right: ['a folder of its own'],
  },
  {
    pattern: /\bkeeps? (?:it|them) alive\b/i,
    instead: 'renew',
    wrong: ['A nightly run keeps them alive.'],
  },
  {
    pattern: /\bthe answer was no\b/i,
    instead: 'Cancelled',
    wrong: ['The answer was no, so that nothing was done.'],
  },
  {
    pattern: /\bthere is no way to\b/i,
    instead: 'is unreachable, cannot',
    wrong: ['There is no way to graph.facebook.com from here.'],
  },

  {
    pattern: /\bat the (?:least|most)\b/i,
    instead: 'at least, at most',
    wrong: ['three columns at the least'],
  },
  {
    pattern: /\bcan not\b/i,
    instead: 'cannot',
    wrong: ['It can not be read.'],
    right: ['It cannot be read.'],
  },
  {
    pattern: /\bnot (?:\S+ ){0,5}any ?more\b/i,
    instead: 'no longer',
    wrong: ['The token is not valid any more.'],
    right: ['The token is no longer valid.'],
  },
  {
    pattern:
      /\b(?:an?|one) (?:item|line|account|number|call|key|row|file|request|message) an? (?:item|line|account|number|call|key|row|file|request|second|minute|page)\b/i,
    instead: 'per: one line per item',
    wrong: ['an item a line', 'one call a second'],
    right: ['one line per item'],
  },
  {
    pattern: /\b(?:redirect|webhook|callback) address(?:es)?\b/i,
    instead: 'redirect URI, webhook URL',
    wrong: ['the redirect address', 'a webhook address'],
    right: ['an email address'],
  },
  {
    pattern: /\b(?:app|page|account|phone number|business|WABA|user) ids?\b/,
    instead: 'ID',
    wrong: ['the app id', 'their page ids'],
    right: ['the app ID'],
  },
];

/**
 * Returns the phrases in a text that are not plain English.
 *
 * @param {string} text
 * @returns {{ phrase: string, instead: string }[]}
 */
export function findPhrases(text) {
  return PHRASES.flatMap(({ pattern, instead }) => {
    const [phrase] = pattern.exec(text) ?? [];
    return phrase === undefined ? [] : [{ phrase: phrase.trim(), instead }];
  });
}
