import { mergeLists } from './merge-lists';

/**
 * The existing lxc.container.conf with the differences between two generated ones, line by line; undefined
 * stands for no file. Lines that the template doesn't know, or makes the same as before, stay as they are.
 */
export function mergeLxcContainerConf(versions: {
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly existing: string | undefined;
}): string | undefined {
  const { before, after, existing } = versions;
  // An app that isn't started had no file to make, so what lies there is not ours to remove.
  if (before === undefined && after === undefined) return existing;
  if (before === undefined || after === undefined || existing === undefined) return after;
  return mergeLists({
    before: before.split('\n'),
    after: after.split('\n'),
    existing: existing.split('\n'),
    subject: subjectOfLine,
    change: changeLine,
  }).join('\n');
}

/** The lines that pvr wrote and LXC doesn't read as they are meant, as they are written here; a line of pvr's may have breaks. */
export function withLinesMended(existing: string, mended: ReadonlyMap<string, string | undefined>): string {
  let text = `\n${existing}`;
  for (const [byPvr, here] of mended) {
    const wrong = `\n${byPvr}\n`;
    const right = here === undefined ? '\n' : `\n${here}\n`;
    // Two of them, one behind the other, share the line feed between them.
    while (text.includes(wrong)) text = text.split(wrong).join(right);
  }
  return text.slice(1);
}

/** Settings that have one value; of the others, each line adds one. */
const singleValued = new Set([
  'lxc.tty.max',
  'lxc.pty.max',
  'lxc.log.file',
  'lxc.rootfs.path',
  'lxc.init.cmd',
  'lxc.init.cwd',
  'lxc.namespace.keep',
  'lxc.console.path',
  'lxc.mount.auto',
  'lxc.autodev',
]);

/**
 * A variable is told by its name, a mount by its target, however a newer pvr may write the rest of the line.
 */
function subjectOfLine(line: string): string {
  const { key, value } = settingOf(line);
  if (singleValued.has(key)) return key;
  if (key === 'lxc.environment') return `${key} ${value.split('=')[0] ?? ''}`;
  if (key === 'lxc.mount.entry') return `${key} ${value.split(/\s+/)[1] ?? value}`;
  return line;
}

/**
 * A changed line takes the place of the old one; of the layers of the root file system, only the changed ones
 * do.
 */
function changeLine(change: { before: string; after: string; existing: string }): string {
  const { key, value } = settingOf(change.existing);
  if (key !== 'lxc.rootfs.path') return change.after;
  const layers = mergeLists({
    before: settingOf(change.before).value.split(':'),
    after: settingOf(change.after).value.split(':'),
    existing: value.split(':'),
    subject: (layer) => layer,
  });
  return `${key} = ${layers.join(':')}`;
}

function settingOf(line: string): { key: string; value: string } {
  const equals = line.indexOf('=');
  if (equals < 0) return { key: line.trim(), value: '' };
  const value = line.slice(equals + 1).trim();
  return { key: line.slice(0, equals).trim(), value: value.replace(/^(["'])(.*)\1$/, '$2') };
}
