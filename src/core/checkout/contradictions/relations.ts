import { remedy, way } from '../../remedy';
import { whatToDoWith } from '../change/set-aside-advice';
import { describeUnsafeStart, type OtherGroup, type StartFault } from '../start-order';
import { declare, none, type OfApp, type OfFile, patch, runOf, sourceOf } from './declaration';

type OfExtension = OfApp & { readonly base: string };

interface StartsBeforeBase extends OfExtension {
  readonly verdict: StartFault;
  /** On the device. */
  readonly group: string;
  readonly baseGroup: string;
  readonly isBaseVerified: boolean;
  /** It is started again when it fails. */
  readonly isRecovered: boolean;
  /** Where the base could go. */
  readonly earlierGroup: OtherGroup | undefined;
  /** Where the extension could go. */
  readonly laterGroup: string | undefined;
}

/** What apps and groups are to each other, and what the checkout is as a whole. */
export const ofRelations = {
  'missing-base': declare<OfExtension>({
    severity: 'error',
    place: (facts) => sourceOf(facts, 'base'),
    found: ({ app, base }) => `${app} extends ${base}, which does not exist`,
    remedy: ({ app, base }) => `Add ${base} again, or remove ${app}`,
    fixes: none,
  }),

  'base-is-extension': declare<OfExtension & { readonly baseOfBase: string }>({
    severity: 'error',
    place: (facts) => sourceOf(facts, 'base'),
    found: ({ app, base, baseOfBase }) =>
      `${app} extends ${base}, which itself extends ${baseOfBase} and so has no base of its own`,
    remedy: ({ app, baseOfBase }) => remedy`Add ${app} again ${way.extend(baseOfBase)}`,
    fixes: none,
  }),

  'base-loop': declare<OfApp & { readonly chain: readonly string[] }>({
    severity: 'error',
    place: (facts) => sourceOf(facts, 'base'),
    found: ({ app, chain }) => `${app} extends itself: ${chain.join(' → ')}`,
    remedy: () => 'Correct "base" in src.json of one of them',
    fixes: none,
  }),

  /** The overlay was made for another base than the one that lies there. */
  'outdated-extension': declare<OfExtension & { readonly builtOn: string; readonly current: string }>({
    severity: 'warning',
    place: (facts) => sourceOf(facts, 'base'),
    found: ({ app, base, builtOn, current }) =>
      `according to src.json the overlay of ${app} was made for ${builtOn}, but the base of ${base} is ${current}; then files of both mix on the device`,
    remedy: ({ app }) => remedy`Build the overlay again with ${way.update(app)}`,
    fixes: patch,
  }),

  'unknown-group': declare<OfApp & { readonly group: string; readonly known: readonly string[] }>({
    severity: 'error',
    place: (facts) => runOf(facts, 'group'),
    found: ({ app, group }) =>
      `${app} is in the group "${group}", which does not exist; a device refuses that`,
    remedy: ({ known }) => `Use one of ${known.join(', ')}, or define the group`,
    fixes: ({ app, known }) => known.map((group) => ({ kind: 'setGroup', app, group })),
  }),

  /** The signature is none over what lies there, as after a build. */
  'stale-signature': declare<OfFile>({
    severity: 'warning',
    place: ({ file }) => ({ file }),
    found: ({ file }) =>
      `${file} no longer fits what it signs, and a device with secure boot refuses the revision for it`,
    remedy: () => remedy`Commit, then sign again with ${way.signAgain()}, and commit that`,
    fixes: () => [{ kind: 'signAgain' }],
  }),

  /**
   * A device starts it before its base is mounted. A race is lost for sure where dm-verity is set up in between, and loses the
   * revision where what fails isn't started again.
   */
  'starts-before-base': declare<StartsBeforeBase>({
    severity: ({ verdict, isBaseVerified, isRecovered }) =>
      verdict === 'race' && isRecovered && !isBaseVerified ? 'warning' : 'error',
    place: (facts) => runOf(facts, 'group'),
    found: (facts) => {
      const what = describeUnsafeStart({ ...facts, name: facts.app });
      return facts.verdict === 'never' ? what : `${what}; ${whenLost(facts)}`;
    },
    remedy: (facts) => waysToSafety(facts).join(', or '),
    fixes: ({ app, base, earlierGroup, laterGroup }) => [
      ...(earlierGroup ? [{ kind: 'setGroup', app: base, group: earlierGroup.name } as const] : []),
      ...(laterGroup === undefined ? [] : [{ kind: 'setGroup', app, group: laterGroup } as const]),
    ],
  }),

  /** pvr leaves it out where nothing is started; Pantavisor looks for it all the same (platforms.c:633, 683-689). */
  'mounted-without-type': declare<OfApp>({
    severity: 'error',
    place: (facts) => runOf(facts, 'status_goal'),
    found: ({ app }) =>
      `run.json of ${app}, which is only mounted, has no "type", and Pantavisor since May 2026 crashes on that, at every start`,
    remedy: ({ app }) => `Set "type" to "lxc" in ${app}/run.json`,
    fixes: ({ app }) => [{ kind: 'setField', file: `${app}/run.json`, field: 'type', value: 'lxc' }],
  }),

  'two-group-files': declare<object>({
    severity: 'warning',
    place: () => ({ file: 'groups.json' }),
    found: () => 'there are both device.json and groups.json: a device reads the first, pvr the second',
    remedy: () => 'Delete groups.json once its groups are in device.json',
    fixes: () => [
      { kind: 'openFile', file: 'device.json' },
      { kind: 'openFile', file: 'groups.json' },
      { kind: 'deleteFile', file: 'groups.json' },
    ],
  }),

  'interrupted-change': declare<object>({
    severity: 'information',
    place: () => undefined,
    found: () => 'a change of the checkout was interrupted, or is being made right now',
    remedy: () =>
      'Wait for it to end; if nothing is running, the next command that writes to the checkout ends it',
    fixes: none,
  }),

  /** An interrupted change that could be neither finished nor undone: `updating web`, where that is known. */
  'set-aside-change': declare<{ readonly folder: string; readonly what: string | undefined }>({
    severity: 'warning',
    place: () => undefined,
    found: ({ what }) =>
      `a command was interrupted${what === undefined ? '' : ` while ${what}`}, and somebody had changed the checkout before it could be finished, so files of both may be mixed`,
    remedy: ({ folder }) => whatToDoWith(folder),
    fixes: none,
  }),
};

function whenLost({ isBaseVerified, isRecovered }: StartsBeforeBase): string {
  const then = isRecovered ? 'fails, and is started again' : 'fails, and the revision with it';
  return isBaseVerified
    ? `${then}, always, since dm-verity takes its time`
    : `where it is not, the start ${then}`;
}

function waysToSafety({ app, base, verdict, earlierGroup, laterGroup }: StartsBeforeBase): readonly string[] {
  const ways = [
    ...(earlierGroup === undefined
      ? []
      : [
          `put ${base} into the earlier group ${earlierGroup.name}${earlierGroup.reboots ? ' (its updates will reboot the device)' : ''}: ${inBothFiles(base)}`,
        ]),
    ...(laterGroup === undefined
      ? []
      : [`put ${app} into the later group ${laterGroup}: ${inBothFiles(app)}`]),
    ...(verdict === 'race' ? [`give ${app} a name that sorts after ${base}`] : []),
  ];
  const [first = `give ${base} a group before that of ${app}`, ...others] = ways;
  return [`${first.charAt(0).toUpperCase()}${first.slice(1)}`, ...others];
}

/** run.json is generated from src.json. */
function inBothFiles(app: string): string {
  return `"group" in ${app}/run.json and "PV_GROUP" in "args" of ${app}/src.json`;
}
