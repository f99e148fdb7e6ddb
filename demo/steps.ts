import type { References } from './web-server';

/** One command that a user would type, and why. */
export interface Step {
  readonly title: string;
  readonly args: readonly string[];
}

/** @param sources options that say where the images lie, when that isn't the registry that they are named after. */
export function steps(references: References, sources: readonly string[]): readonly Step[] {
  const from = (reference: string) => ['--from', reference, ...sources];
  return [
    { title: 'Make an empty folder a checkout.', args: ['init'] },
    {
      title:
        'Add an app: the whole image becomes its base. A device starts the group root before the others.',
      args: ['app', 'add', 'web', '--group', 'root', ...from(references.web)],
    },
    {
      title: 'Its image has a new release. Ship only what changed, as a patch.',
      args: ['app', 'update', 'web', '--patch', ...from(references.nextWeb)],
    },
    { title: 'What does the overlay hold?', args: ['app', 'files', 'web'] },
    {
      title:
        'Add an app that extends it: all that its image has in common with the base is not stored again. It starts last.',
      args: ['app', 'add', 'shop', '--base', 'web', ...from(references.shop)],
    },
    {
      title: 'Its overlay holds its own pages, and the new release of its base.',
      args: ['app', 'files', 'shop'],
    },
    {
      title: 'A fresh base with the new release in it; the app that extends it is rebuilt in the same step.',
      args: ['app', 'update', 'web', '--newbase', ...from(references.nextWeb)],
    },
    { title: 'Now the overlay holds its own pages alone.', args: ['app', 'files', 'shop'] },
    { title: 'All apps at a glance.', args: ['app', 'ls'] },
  ];
}
