/** What a pantavisor task may do, as tasks.json names it; a test holds package.json to it. */
export const taskActions = ['patch', 'newbase', 'check', 'commit', 'export', 'post', 'watch'] as const;
export type TaskAction = (typeof taskActions)[number];

export interface TaskDefinition {
  readonly action: TaskAction;
  /** Of `check` it may be missing: all apps then. What is about a whole checkout has none. */
  readonly app: string | undefined;
  /** Of `commit`: what it is about. */
  readonly message?: string | undefined;
  /** Of `export`: a path from the workspace folder. */
  readonly file?: string | undefined;
  /** Of `post` and `watch`: as a person names it; the one that the checkout came from, when missing. */
  readonly device?: string | undefined;
  /** Path of the checkout below the workspace folder; the only one, when missing. */
  readonly checkout: string | undefined;
}

/** What is wrong with a task of tasks.json: a member that is no text, one that is missing, or an action that nobody knows. */
export interface TaskFault {
  readonly not: 'text' | 'given' | 'known';
  readonly member: string;
}

export function readTaskDefinition(
  definition: Readonly<Record<string, unknown>>,
): TaskDefinition | TaskFault {
  const { action, app, checkout, message, file, device } = definition;
  const known = taskActions.find((one) => one === action);
  if (known === undefined) return { not: action === undefined ? 'given' : 'known', member: 'action' };
  if (!isOptionalText(app)) return { not: 'text', member: 'app' };
  if (!isOptionalText(checkout)) return { not: 'text', member: 'checkout' };
  if (!isOptionalText(message)) return { not: 'text', member: 'message' };
  if (!isOptionalText(file)) return { not: 'text', member: 'file' };
  if (!isOptionalText(device)) return { not: 'text', member: 'device' };
  switch (known) {
    case 'check':
      return { action: known, app, checkout };
    case 'patch':
    case 'newbase':
      return app === undefined ? { not: 'given', member: 'app' } : { action: known, app, checkout };
    case 'commit':
      return { action: known, app: undefined, checkout, message };
    case 'post':
      return { action: known, app: undefined, checkout, device };
    case 'export':
      return file === undefined
        ? { not: 'given', member: 'file' }
        : { action: known, app: undefined, checkout, file };
    case 'watch':
      return { action: known, app: undefined, checkout, device };
  }
}

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}
