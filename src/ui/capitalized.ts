/**
 * A clause as a sentence begins. What it begins with keeps its name: a file, a registry, an app.
 *
 * @param app whose name it may begin with.
 */
export function capitalized(clause: string, app?: string): string {
  const [first = ''] = clause.split(' ', 1);
  const isName = first === app || /[./:]\S/.test(first);
  return isName ? clause : clause.charAt(0).toUpperCase() + clause.slice(1);
}
