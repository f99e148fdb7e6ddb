import path from 'node:path';

/** A name for each folder: its own, after as many of those above it as tell it from the others with that name. */
export function distinctNames(directories: readonly string[]): ReadonlyMap<string, string> {
  return new Map(directories.map((directory) => [directory, distinctName(directory, directories)]));
}

function distinctName(directory: string, all: readonly string[]): string {
  const others = all.filter((other) => other !== directory);
  const parts = directory.split(path.sep);
  for (let count = 1; count < parts.length; count++) {
    const name = end(directory, count);
    if (others.every((other) => end(other, count) !== name)) return name;
  }
  return directory;
}

function end(directory: string, count: number): string {
  return directory.split(path.sep).slice(-count).join(path.sep);
}
