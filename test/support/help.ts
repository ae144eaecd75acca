const LIST =
  /^(?:Commands|Accounts|Webhooks|Configuration as code|Operations|Setup):\n((?: {2}.*\n?)+)/gm;

export function commandsIn(help: string): string[] {
  const lists = [...help.matchAll(LIST)].map(([, list = '']) => list);
  return [...lists.join('').matchAll(/^ {2}(\w\S*)/gm)].map(([, name = '']) => name);
}
