import type { Command, Option } from 'commander';

/** Makes it a usage error to pass an option with a value twice; Commander would use the last one. */
export function rejectRepetition(command: Command, option: Option): void {
  if (!option.required) return;
  let isPassed = false;
  command.on(`option:${option.name()}`, () => {
    if (isPassed) command.error(`error: option '${option.flags}' cannot be passed more than once`);
    isPassed = true;
  });
}
