import {
  createPrompt,
  isEnterKey,
  isSpaceKey,
  type KeypressEvent,
  makeTheme,
  useKeypress,
  useMemo,
  usePagination,
  usePrefix,
  useState,
} from '@inquirer/core';
import { truncate } from '../../shared/cut.ts';
import type { Output } from '../../shared/streams.ts';
import { count, stripControlCharacters } from '../../shared/text.ts';
import type { Style } from '../output/style.ts';
import { wrapText } from '../output/wrap.ts';
import { choiceLines } from './choice-lines.ts';
import { useFrame } from './frame.ts';
import { promptTheme } from './prompt-theme.ts';
import type { Choice } from './terminal.ts';

interface Config {
  message: string;
  choices: readonly Choice[];
  screen: Output & { rows?: number };
  style: Style;
}

const MAX_LINES = 12;
const MAX_NAMED_CHOICES = 3;

/**
 * A checkbox prompt for hundreds of choices: typing filters the list, arrow keys, page keys, Home and
 * End move, Space toggles, Tab toggles all matches, Escape clears the search, Enter confirms. The
 * reason for a disabled choice is shown while the choice is highlighted.
 */
export const searchableCheckbox = createPrompt<string[], Config>((config, done) => {
  const { choices, style } = config;
  const { columns, question, pageSize, footerLines } = layout(config);
  const theme = makeTheme(promptTheme(style));
  const [status, setStatus] = useState<'idle' | 'done'>('idle');
  const [search, setSearch] = useState('');
  const [position, setPosition] = useState(0);
  const [error, setError] = useState<string | undefined>(undefined);
  const [chosen, setChosen] = useState<readonly string[]>(
    choices.filter((choice) => choice.checked === true).map((choice) => choice.value),
  );
  const prefix = usePrefix({ status, theme });
  const line = useMemo(() => choiceLines(choices, columns, style), [choices, columns, style]);
  const shown = filterChoices(choices, search);
  const active = Math.min(position, Math.max(0, shown.length - 1));
  const current = shown[active];

  useKeypress((key, readline) => {
    if (status === 'done') return;
    setError(undefined);
    const move = stepsOfKey(key, pageSize, shown.length);
    const keepSearch = (text: string) => {
      readline.clearLine(0);
      readline.write(text);
      setSearch(text);
    };
    if (isEnterKey(key)) {
      if (chosen.length > 0) {
        setStatus('done');
        done([...chosen]);
        return;
      }
      setError('Nothing selected. Press Space to select, or Ctrl-C to cancel.');
      keepSearch(search);
    } else if (move !== 0) {
      setPosition(moveIndex(active, move, shown.length));
      keepSearch(search);
    } else if (isSpaceKey(key)) {
      if (current !== undefined && current.disabled === undefined) {
        setChosen(toggleAll(chosen, [current]));
      }
      keepSearch(search);
    } else if (key.name === 'tab') {
      setChosen(
        toggleAll(
          chosen,
          shown.filter((choice) => choice.disabled === undefined),
        ),
      );
      keepSearch(search);
    } else if (key.name === 'escape') {
      keepSearch('');
      setPosition(current === undefined ? 0 : choices.indexOf(current));
    } else if (readline.line !== search) {
      setSearch(readline.line);
      setPosition(0);
    }
  });

  const frame = useFrame(config.screen);
  if (status === 'done') {
    const answer = theme.style.answer(formatChosen(choices, chosen));
    return wrapText(
      `${prefix} ${theme.style.message(config.message, status)} ${answer}`,
      columns,
      2,
    );
  }
  const message = theme.style.message(question, status);
  const list = usePagination({
    items: shown,
    active,
    pageSize,
    loop: false,
    renderItem: ({ item, isActive }) =>
      line(item, { isActive, isChosen: chosen.includes(item.value) }),
  });
  const reason =
    current?.disabled && `Cannot be selected: ${stripControlCharacters(current.disabled)}.`;
  const below = [
    shown.length === 0 ? `  No matches (${choices.length} total).` : list,
    style.dim(truncate(counter(chosen, shown, choices, active), columns - 1)),
    error !== undefined
      ? style.error(footer(error, columns, footerLines))
      : reason !== undefined
        ? style.warning(footer(reason, columns, footerLines))
        : style.dim(keysThatFit(search, columns - 1)),
  ];
  const content = `${prefix} ${message}\n  ${style.dim('Search:')} ${search}`;
  const bottom = below.join('\n');
  frame.current = { content, bottom, columns };
  return [content, bottom];
});

function layout({ message, screen }: Config) {
  const columns = screen.columns || 80;
  const rows = screen.rows || 24;
  const question = wrapText(message, columns - 3, 2);
  const above = question.split('\n').length + 1;
  const free = rows - above - 1;
  const pageSize = Math.max(1, Math.min(MAX_LINES, free - 2));
  return { columns, question, pageSize, footerLines: Math.max(1, free - pageSize) };
}

/** Wraps a message to lines of the terminal, and cuts it after `most` lines. */
function footer(text: string, columns: number, most: number): string {
  const lines = wrapText(text, columns - 1).split('\n');
  const rest = lines.slice(most - 1).join(' ');
  return [...lines.slice(0, most - 1), truncate(rest, columns - 1)].join('\n');
}

function stepsOfKey({ name }: KeypressEvent, pageSize: number, length: number): number {
  const steps: Record<string, number> = {
    up: -1,
    down: 1,
    pageup: -pageSize,
    pagedown: pageSize,
    home: -length,
    end: length,
  };
  return steps[name] ?? 0;
}

function moveIndex(active: number, by: number, length: number): number {
  if (length === 0) return 0;
  if (Math.abs(by) === 1 && length > 1) return (active + by + length) % length;
  return Math.min(Math.max(active + by, 0), length - 1);
}

function filterChoices(choices: readonly Choice[], search: string): readonly Choice[] {
  const wanted = folded(search);
  if (wanted === '') return choices;
  return choices.filter(({ label, note = '' }) => folded(`${label} ${note}`).includes(wanted));
}

function folded(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[\p{M}\s]/gu, '')
    .toLowerCase();
}

function toggleAll(chosen: readonly string[], choices: readonly Choice[]): readonly string[] {
  const values = choices.map((choice) => choice.value);
  if (values.every((value) => chosen.includes(value))) {
    return chosen.filter((value) => !values.includes(value));
  }
  return [...new Set([...chosen, ...values])];
}

function counter(
  chosen: readonly string[],
  shown: readonly Choice[],
  choices: readonly Choice[],
  active: number,
): string {
  const ofAll = shown.length < choices.length ? ` matching (${choices.length} total)` : '';
  const place = shown.length === 0 ? '' : `${active + 1} of ${shown.length}${ofAll} · `;
  return `${place}${chosen.length} selected`;
}

function keysThatFit(search: string, width: number): string {
  const keys =
    search === ''
      ? ['space select', 'enter confirm', 'type to search', '↑↓ move', 'tab all']
      : ['space select', 'enter confirm', 'esc clear search', 'tab all matches', '↑↓ move'];
  return keys
    .filter((_, index) => keys.slice(0, index + 1).join(' · ').length <= width)
    .join(' · ');
}

function formatChosen(choices: readonly Choice[], chosen: readonly string[]): string {
  const labels = choices
    .filter((choice) => chosen.includes(choice.value))
    .map((choice) => stripControlCharacters(choice.label));
  if (labels.length <= MAX_NAMED_CHOICES + 1) return labels.join(', ');
  const others = count(labels.length - MAX_NAMED_CHOICES, 'other');
  return `${labels.slice(0, MAX_NAMED_CHOICES).join(', ')} and ${others}`;
}
