import type { ChangeRow, ChangeRows } from '../model/change-rows';

/* What the menus of package.json ask of Source Control; a test holds the two together. */

/** `scmProvider` */
export const sourceControlId = 'pantavisor';

/** `scmResourceGroup` */
export const groupIds = [
  'changes',
  'untracked',
  'notCompared',
] as const satisfies readonly (keyof ChangeRows)[];

/** What `scmResourceState =~ /;build;/` may look for in a row. */
export const changeTokens = [
  'build',
  'file',
  'added',
  'changed',
  'removed',
  'untracked',
  'not-compared',
  'broken',
] as const satisfies readonly (ChangeRow['kind'] | ChangeRow['standing'])[];
