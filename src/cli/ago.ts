/** How long ago something was, in the largest unit that fits: `3 min ago`. @param time RFC 3339. */
export function ago(time: string | undefined, now: number): string {
  const then = time === undefined ? NaN : Date.parse(time);
  if (Number.isNaN(then)) return '';
  const seconds = Math.max(0, Math.round((now - then) / 1000));
  const [size, unit] = units.find(([length]) => seconds >= length) ?? [1, 's'];
  return `${Math.floor(seconds / size)} ${unit} ago`;
}

const units = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
] as const;
