import { Problem } from '../problem';

/** Nothing but limits that somebody has set stands in the way. */
export class OverBudget extends Problem {}
