/** What a revision does to what runs, in a table. */
export const restartWords = {
  nothing: 'restarts nothing',
  container: 'restarts the app',
  reboot: 'reboots',
  refused: 'refuses it',
} as const;
