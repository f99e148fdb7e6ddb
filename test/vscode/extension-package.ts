import path from 'node:path';

/** What `npm run package` makes, and people install. */
export const extensionPackage = path.resolve('dist', 'pantavisor-checkouts.vsix');
