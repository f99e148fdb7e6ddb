import { Problem } from '../problem';
import { remedy, way } from '../remedy';

/** Somebody else has added a revision since one looked. */
export class Overtaken extends Problem {
  constructor(name: string, head: string | undefined, cause?: unknown) {
    super({
      doing: `posting to ${name}`,
      found: `somebody was faster: ${head === undefined ? 'there is a newer revision' : `revision ${head} is the newest now`}`,
      remedy: remedy`Take what it brought with ${way.device('get')}, or post after it with ${way.force()}`,
      cause,
    });
  }
}
