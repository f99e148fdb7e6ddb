import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Files that change together, and only together. */
export const generationFiles = Array.from({ length: 8 }, (_, index) => `app-${index % 3}/file-${index}`);

/** Long enough to be cut in two by a kill. */
export function contentOfGeneration(generation: string): string {
  return `${generation}\n`.repeat(20_000);
}

/** The generation of all files. @throws Error when they are of different ones, or not whole. */
export function generationOf(checkout: string): string {
  const contents = generationFiles.map((file) => readFileSync(path.join(checkout, file), 'utf8'));
  const [generation = ''] = contents[0]?.split('\n') ?? [];
  contents.forEach((content, index) => {
    if (content !== contentOfGeneration(generation)) {
      throw new Error(`${generationFiles[index]} is not of generation ${generation}, or not whole`);
    }
  });
  return generation;
}
