import type { Phase } from '../../core/job';

/**
 * How long the phases last in relation to each other, roughly: an image of some hundred megabytes over a home line, with
 * the usual compression. Phases that turn out to have nothing to do are passed at once.
 */
const weights: Partial<Record<Phase, number>> = {
  resolve: 2,
  download: 40,
  index: 16,
  compare: 6,
  compress: 26,
  check: 8,
  install: 2,
};
const order = Object.keys(weights) as readonly Phase[];
const totalWeight = Object.values(weights).reduce((sum, weight) => sum + weight, 0);

/** One percentage for all phases of a build, or of other work for the one that it has. It never goes back, moves only with work that is done, and is 100 only at the end. */
export class OverallProgress {
  readonly #rounds: number;
  /** How much of each phase of this round is done, 0 to 1. */
  #done = new Map<Phase, number>();
  #round = 0;
  #percent = 0;

  /** @param rounds how many files are built: the app's own, and an overlay for each app that extends a new base. */
  constructor(rounds = 1) {
    this.#rounds = Math.max(rounds, 1);
  }

  /** @returns 0 to 99. */
  report(phase: Phase, done: number, total: number | undefined): number {
    if (this.#startsNextRound(phase)) {
      this.#round = Math.min(this.#round + 1, this.#rounds - 1);
      this.#done = new Map();
    }
    const share = total === undefined || total === 0 ? 0 : Math.min(done / total, 1);
    this.#done.set(phase, Math.max(this.#done.get(phase) ?? 0, share));
    if (weights[phase] === undefined) return Math.min(share * 100, 99);
    const percent = ((this.#round + this.#shareOfRound()) / this.#rounds) * 100;
    this.#percent = Math.min(Math.max(this.#percent, percent), 99);
    return this.#percent;
  }

  /** Looking up an image begins the work on the next file, unless it begins the whole. */
  #startsNextRound(phase: Phase): boolean {
    return phase === 'resolve' && [...this.#done.keys()].some((seen) => seen !== 'resolve');
  }

  /** A phase is over when a later one has begun, whatever it said last. */
  #shareOfRound(): number {
    const last = Math.max(...[...this.#done.keys()].map((phase) => order.indexOf(phase)));
    const weight = order.reduce((sum, phase, index) => {
      const share = index < last ? 1 : (this.#done.get(phase) ?? 0);
      return sum + (weights[phase] ?? 0) * share;
    }, 0);
    return weight / totalWeight;
  }
}
