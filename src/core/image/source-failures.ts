import { Absence } from '../net/absence';
import { Problem } from '../problem';
import { anyOf } from '../remedy';
import type { Source } from './image';
import { describeSource } from './source-list';

/** What a source said instead of giving the image. */
export interface Failure {
  readonly source: Source;
  readonly problem: Problem;
}

/** One Problem of what all sources said; none of them has the image. */
export function allFailed(reference: string, failures: readonly Failure[]): Problem {
  const doing = `looking for the image ${reference}`;
  const worthTelling = failures.filter((failure, at) => hasSomethingToSay(failure, failures.slice(0, at)));
  const [first, ...others] = worthTelling;
  if (first === undefined) {
    return new Problem({
      doing,
      found: 'no source is given',
      remedy: 'Choose remote, local or archive:PATH',
    });
  }
  const { problem } = first;
  if (others.length === 0) {
    if (!(problem instanceof Absence) || worthTelling.length === failures.length) return problem;
    const { remedy } = problem;
    return new Problem({
      doing: problem.doing,
      found: `${problem.found}; and no docker answers`,
      remedy,
      cause: problem,
    });
  }
  return new Problem({
    doing,
    found: worthTelling
      .map((failure) => `${describeSource(failure.source)}: ${failure.problem.found}`)
      .join('; '),
    remedy: anyOf(worthTelling.map((failure) => failure.problem.remedy)),
    cause: new AggregateError(worthTelling.map((failure) => failure.problem)),
  });
}

/**
 * Docker is asked after the registry because it may have what the registry has not. Where the registry has said more than
 * that, or where no docker runs, as on most machines, that it hasn't either is no news.
 */
function hasSomethingToSay({ source, problem }: Failure, before: readonly Failure[]): boolean {
  const registry = before.find((earlier) => earlier.source.kind === 'remote');
  if (source.kind !== 'local' || registry === undefined) return true;
  if (!(registry.problem instanceof Absence)) return false;
  return !(problem instanceof Absence && problem.why === 'unreachable');
}
