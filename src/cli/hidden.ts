import { makeProgram } from './program';

/** What no person types, and no grammar is to be applied to; undefined where the words are none of these. */
export async function runHidden(version: string, words: readonly string[]): Promise<true | undefined> {
  const [verb, ...others] = words;
  if (verb === '__complete') {
    const [{ complete }, { choicesHere }] = await Promise.all([
      import('./completion/complete'),
      import('./completion/choices'),
    ]);
    const candidates = await complete(await makeProgram(version, []), others, choicesHere());
    process.stdout.write(candidates.map(({ word, description }) => `${word}\t${description}\n`).join(''));
    return true;
  }
  if (verb === '__man') {
    const [{ manPage }, { helpTopics }] = await Promise.all([
      import('./manual/man-page'),
      import('./manual/topics'),
    ]);
    process.stdout.write(manPage(await makeProgram(version, []), version, helpTopics));
    return true;
  }
  return undefined;
}
