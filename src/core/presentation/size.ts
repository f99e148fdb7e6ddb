const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Bytes for people, decimal units as registries and file managers show them: `978 MB`, `4.1 kB`, `0 B`. */
export function formatSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const text = unit === 0 || value >= 9.95 ? value.toFixed(0) : value.toFixed(1).replace(/\.0$/, '');
  return `${text} ${units[unit] ?? ''}`;
}

/** How much of the base an overlay weighs: `0.003 %`, `2.4 %`, `12 %`. One digit below 1 %; small shares never round to nothing. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return '–';
  const percent = (part / whole) * 100;
  if (percent === 0) return '0 %';
  if (percent < 0.001) return '< 0.001 %';
  if (percent >= 9.95) return `${percent.toFixed(0)} %`;
  return `${Number(percent.toPrecision(percent < 0.995 ? 1 : 2)).toString()} %`;
}

/** `978 MB + 33 kB · 0.003 %`, with the parts an app has. */
export function formatAppSize(base: number | undefined, overlay: number | undefined): string {
  if (base !== undefined && overlay !== undefined) {
    return `${formatSize(base)} + ${formatSize(overlay)} · ${formatShare(overlay, base)}`;
  }
  if (overlay !== undefined) return `+ ${formatSize(overlay)}`;
  return base === undefined ? '–' : formatSize(base);
}
