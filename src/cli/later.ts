/**
 * A command whose code is loaded when it is called, with all that this needs: listing a file is done before a registry
 * client could be set up.
 */
export function later<Args extends readonly unknown[]>(
  load: () => Promise<(...args: Args) => Promise<void>>,
): (...args: Args) => Promise<void> {
  return async (...args) => (await load())(...args);
}
