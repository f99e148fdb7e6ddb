/** The first ones, separated by commas, and how many more there are: `a, b and 12 more`. */
export function shortList(names: readonly string[], limit: number): string {
  // To leave out a single one takes as much room as it does.
  if (names.length <= limit + 1) return names.join(', ');
  return `${names.slice(0, limit).join(', ')} and ${names.length - limit} more`;
}
