/** Bytes of a unit, as people write it in a limit; `k` and `m` alone are decimal, as everywhere in this project. */
const units: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  ...{ k: 1e3, kb: 1e3, m: 1e6, mb: 1e6, g: 1e9, gb: 1e9, t: 1e12, tb: 1e12 },
  ...{ kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 },
};

/** What a size is, for messages. */
export const sizeExample = 'a size, as 10 MB, 500kB, 8MiB or a number of bytes';
/** What a share is. */
export const shareExample = 'a share in percent, as 25 % or 25';

/** Bytes; undefined of what is no size. */
export function parseSize(text: string): number | undefined {
  const [, amount, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*$/.exec(text) ?? [];
  const factor = units[unit.toLowerCase()];
  if (amount === undefined || factor === undefined) return undefined;
  const bytes = Math.floor(Number(amount) * factor);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Percent; undefined of what is none. More than 100 is something that an overlay can weigh. */
export function parseShare(text: string): number | undefined {
  const [, amount] = /^\s*(\d+(?:\.\d+)?)\s*%?\s*$/.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount);
}
