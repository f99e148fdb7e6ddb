/**
 * Whether to run the long form of tests that draw what they do (`LONG=1 npm test`): more draws of each kind. Without it they draw as
 * many as every change must pass.
 */
export const isLongForm = process.env['LONG'] === '1';
