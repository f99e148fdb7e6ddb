/** What tests measure and nobody judges; printed with the results. */
export const measured: Record<string, string> = {};
