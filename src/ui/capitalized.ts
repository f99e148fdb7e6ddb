/** A clause as a sentence begins; a file that it begins with keeps its name. */
export function capitalized(clause: string): string {
  const isFile = /^\S*[./]\S/.test(clause);
  return isFile ? clause : clause.charAt(0).toUpperCase() + clause.slice(1);
}
