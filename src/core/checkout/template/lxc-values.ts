/**
 * What ends a line of a configuration, or the text: LXC splits lines at carriage returns, too, since 3.0.4 (lxc parse.c,
 * lxc_file_for_each_line_mmap).
 */
export const lineBreak = /[\n\r\0]/;

/**
 * A value as LXC reads it: it trims blanks at both ends, then takes one pair of quotes off (lxc confile.c, parse_line; since 2.1). So a
 * value that begins or ends with a blank, or with quotes of its own, stands in quotes.
 */
export function asValue(value: string): string {
  const isTrimmed = /^[ \t]|[ \t]$/.test(value);
  const isQuoted = value.length > 1 && /^["']/.test(value) && value.endsWith(value.charAt(0));
  return isTrimmed || isQuoted ? `"${value}"` : value;
}

/** A field of a mount entry, which LXC reads as a line of fstab (getmntent(3)). */
export function inMountEntry(field: string): string {
  return field.replace(
    /[ \t\\]/g,
    (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
}
