import type { Command } from 'commander';
import { exitCode } from '../../core/exit-codes';

/** What pvr has and pvx has not, by verb, with pvr's short names: where it is instead, as a sentence. */
export const elsewhere: Readonly<
  Record<string, { readonly aliases?: readonly string[]; readonly instead: string }>
> = {
  register: {
    aliases: ['reg'],
    instead: 'an account is made on the page of the hub, or by pvr register; then log in with pvx login',
  },
  remoteinfo: {
    aliases: ['ri'],
    instead: 'pvx device get DEVICE says what is known of a device, pvx revisions DEVICE what it was sent',
  },
  stepinfo: {
    instead: 'pvx revisions DEVICE lists revisions, pvx watch DEVICE --revision NAME tells of one',
  },
  scan: { instead: 'pvx device scan looks for devices in the network' },
  'self-upgrade': {
    instead: 'pvx never changes itself: install its newer version as you installed this one',
  },
};

/** Says of each of them where it is. They are in no help, and are suggested to nobody. */
export function addPvrVerbs(program: Command): void {
  for (const [verb, { aliases = [], instead }] of Object.entries(elsewhere))
    program
      .command(verb, { hidden: true })
      .aliases(aliases)
      .argument('[any...]')
      .allowUnknownOption()
      .helpOption(false)
      .action(() => {
        program.error(`error: pvr has ${verb}, pvx has not: ${instead}.`, { exitCode: exitCode.usage });
      });
}
