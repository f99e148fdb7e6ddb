/** What a pantavisor task may do, as tasks.json names it; a test holds package.json to it. */
export const taskActions = ['patch', 'newbase', 'check'] as const;
export type TaskAction = (typeof taskActions)[number];

export interface TaskDefinition {
  readonly action: TaskAction;
  /** Of `check` it may be missing: all apps then. */
  readonly app: string | undefined;
  /** Path of the checkout below the workspace folder; the only one, when missing. */
  readonly checkout: string | undefined;
}

/** Undefined when it is none that can be run. */
export function readTaskDefinition(
  definition: Readonly<Record<string, unknown>>,
): TaskDefinition | undefined {
  const { action, app, checkout } = definition;
  const known = taskActions.find((one) => one === action);
  if (known === undefined || !isOptionalText(app) || !isOptionalText(checkout)) return undefined;
  return known !== 'check' && app === undefined ? undefined : { action: known, app, checkout };
}

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}
