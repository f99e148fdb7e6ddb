import { env, l10n } from 'vscode';

const units: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, milliseconds: number])[] = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** `3 hours ago`, `just now`, in the language of the window. @param time milliseconds since 1970. */
export function timeAgo(time: number, now = Date.now()): string {
  const elapsed = now - time;
  const fitting = units.find(([, milliseconds]) => elapsed >= milliseconds);
  if (fitting === undefined) return l10n.t('just now');
  const [unit, milliseconds] = fitting;
  const format = new Intl.RelativeTimeFormat(env.language, { numeric: 'auto' });
  return format.format(-Math.floor(elapsed / milliseconds), unit);
}
