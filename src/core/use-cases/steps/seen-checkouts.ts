import { stat } from 'node:fs/promises';
import path from 'node:path';
import { replacedStatePath } from '../../checkout/change/target-path';
import { OpenedCheckout } from '../../checkout/opened-checkout';
import { isObjectId, parseState, type State, stateFile } from '../../checkout/state';
import { ignoreMissing } from '../../files/file-problem';
import { Problem } from '../../problem';

/** A checkout that has kept objects in a store, and what has become of it. */
export type SeenCheckout = { readonly directory: string } & (
  | {
      readonly standing: 'there';
      readonly opened: OpenedCheckout;
      /** Its files by the objects that they were committed as, or were before the last commit was replaced. */
      readonly files: ReadonlyMap<string, readonly string[]>;
    }
  /** Somebody has removed it. */
  | { readonly standing: 'gone' }
  /** It may be there: its drive is not mounted, or its state is broken. */
  | { readonly standing: 'unknown'; readonly found: string }
);

/** Looks at a checkout, now. @param device what it lay on when it was seen, as a number. */
export async function lookAtCheckout(directory: string, device: string): Promise<SeenCheckout> {
  try {
    const opened = new OpenedCheckout(directory);
    const text = await opened.text(stateFile);
    if (text === undefined) {
      return (await deviceAround(directory)) === device
        ? { directory, standing: 'gone' }
        : { directory, standing: 'unknown', found: 'it is not there, nor what it lay on' };
    }
    const replaced = await opened.text(replacedStatePath);
    const states = [parseState(text), ...(replaced === undefined ? [] : [parseState(replaced)])];
    return { directory, standing: 'there', opened, files: filesByObject(states) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { directory, standing: 'unknown', found: error.found };
  }
}

function filesByObject(states: readonly State[]): ReadonlyMap<string, readonly string[]> {
  const files = new Map<string, string[]>();
  for (const [file, id] of states.flatMap(({ entries }) => [...entries])) {
    if (!isObjectId(id)) continue;
    const known = files.get(id);
    if (known === undefined) files.set(id, [file]);
    else known.push(file);
  }
  return files;
}

/** Of the folder, or of the next one on the way up that is there. */
async function deviceAround(folder: string): Promise<string> {
  const stats = await stat(folder, { bigint: true }).catch(ignoreMissing);
  return stats === undefined ? deviceAround(path.dirname(folder)) : String(stats.dev);
}
