import { Problem } from '../problem';
import { kindOf } from './parts';

/** Far more than any name in use; Windows has 260 characters for a whole path. */
const maxLength = 100;

/** Device names, which Windows takes for files of any folder, whatever follows their first dot. */
const windowsDevice = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * Makes sure that an app may have this name: it becomes a folder, on any system, and a container, whose lxc.container.conf
 * has it between `:`, `,` and spaces.
 *
 * @param existing names of the apps that are there.
 * @throws Problem saying what is wrong with it.
 */
export function checkAppName(name: string, existing: readonly string[] = []): void {
  const found = faultOf(name, existing);
  if (found === undefined) return;
  throw new Problem({
    doing: `naming an app ${JSON.stringify(name)}`,
    found,
    remedy: 'Choose another name, like web or node-red',
  });
}

/** A clause without a final stop. */
function faultOf(name: string, existing: readonly string[]): string | undefined {
  if (name === '') return 'it is empty';
  if (name.length > maxLength) return `it is longer than ${maxLength} characters`;
  if (/^[._]/.test(name)) return `names that begin with ${name.charAt(0)} are for what is no app`;
  if (name.toLowerCase() === 'bsp') return 'that is where the board support package lies';
  if (kindOf(name.toLowerCase()) !== 'other') return 'a file of the checkout has this name';
  if (!/^[\w.-]+$/.test(name))
    return 'it may hold letters (a to z), digits, dots, dashes and underscores only';
  if (name.startsWith('-')) return 'commands would take it for an option';
  if (name.endsWith('.')) return 'Windows leaves a dot at the end away';
  if (windowsDevice.test(name)) return 'that is the name of a device on Windows';
  const other = existing.find((one) => one.toLowerCase() === name.toLowerCase());
  if (other === name) return 'there is such an app already';
  return other && `there is an app ${other} already, and not every system tells upper from lower case`;
}

/** Whether this is a name at all, however unlucky, and not a path. */
export function isPlainName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name);
}
