const zero = 48;
const nine = 57;

/** Orders names as people count: `libtorch2` before `libtorch10`; all else by the units of their text. */
export function compareNatural(one: string, other: string): number {
  let at = 0;
  let otherAt = 0;
  while (at < one.length && otherAt < other.length) {
    const unit = one.charCodeAt(at);
    const otherUnit = other.charCodeAt(otherAt);
    if (isDigit(unit) && isDigit(otherUnit)) {
      const start = firstNot(one, at, isZero);
      const otherStart = firstNot(other, otherAt, isZero);
      const end = firstNot(one, start, isDigit);
      const otherEnd = firstNot(other, otherStart, isDigit);
      // Of two numbers without leading zeros, the longer one is the larger.
      const difference =
        end - start - (otherEnd - otherStart) || compareRuns(one, start, end, other, otherStart);
      if (difference !== 0) return difference;
      at = end;
      otherAt = otherEnd;
    } else if (unit !== otherUnit) {
      return unit - otherUnit;
    } else {
      at += 1;
      otherAt += 1;
    }
  }
  // `a1` and `a01` are the same number, and two names.
  return one.length - at - (other.length - otherAt) || (one < other ? -1 : one > other ? 1 : 0);
}

function compareRuns(one: string, start: number, end: number, other: string, otherStart: number): number {
  for (let at = start; at < end; at++) {
    const difference = one.charCodeAt(at) - other.charCodeAt(otherStart + at - start);
    if (difference !== 0) return difference;
  }
  return 0;
}

function firstNot(text: string, start: number, is: (unit: number) => boolean): number {
  let at = start;
  while (at < text.length && is(text.charCodeAt(at))) at += 1;
  return at;
}

function isDigit(unit: number): boolean {
  return unit >= zero && unit <= nine;
}

function isZero(unit: number): boolean {
  return unit === zero;
}
