import { compareKeys } from '../json/key-order';
import { formatShare, formatSize } from '../presentation/size';
import type { Rule } from './rules';

/** What a revision weighs. Plain data; all sizes are bytes. */
export interface Weights {
  /** What a device with the last commit downloads in all; undefined: nobody knows. */
  readonly download: number | undefined;
  /** By name. */
  readonly apps: readonly AppWeights[];
}

export interface AppWeights {
  readonly name: string;
  /** What a device downloads for it; undefined: nobody knows. */
  readonly download: number | undefined;
  /** Of the base that its overlay lies on, its own or that of the app it extends. */
  readonly base: number | undefined;
  readonly overlay: number | undefined;
}

/** What a rule comes to, for one app or the whole. */
export interface Verdict {
  readonly rule: Rule;
  /** Undefined: the whole revision. */
  readonly app: string | undefined;
  /** In the rule's unit. */
  readonly actual: number;
  readonly isBroken: boolean;
}

/** What was weighed, and what the rules say of it. Plain data. */
export interface Judgement {
  readonly weights: Weights;
  readonly verdicts: readonly Verdict[];
}

/** Of an app without an overlay, rules about overlays say nothing. */
export function judge(rules: readonly Rule[], weights: Weights): Judgement {
  const verdict = (rule: Rule, app: string | undefined, actual: number | undefined): readonly Verdict[] =>
    actual === undefined ? [] : [{ rule, app, actual, isBroken: actual > rule.limit }];
  const verdicts = rules.flatMap((rule) => {
    if (rule.measure === 'download' && rule.app === undefined)
      return verdict(rule, undefined, weights.download);
    return weights.apps
      .filter(({ name }) => rule.app === name || (rule.app === undefined && !hasOwn(rules, rule, name)))
      .flatMap((app) => verdict(rule, app.name, measured(rule, app)));
  });
  return { weights, verdicts };
}

export function brokenIn({ verdicts }: Judgement): readonly Verdict[] {
  return verdicts.filter(({ isBroken }) => isBroken);
}

/** Names of apps that rules are about, and that are none of these. */
export function strangersIn(rules: readonly Rule[], apps: readonly string[]): readonly string[] {
  const named = rules.flatMap(({ app }) => (app === undefined || apps.includes(app) ? [] : [app]));
  return [...new Set(named)].sort(compareKeys);
}

/** A clause: `the overlay of web weighs 12 MB, and 10 MB are allowed`. */
export function describeVerdict({ rule, app, actual }: Verdict): string {
  const { measure, limit } = rule;
  const [now, allowed] = measure === 'share' ? shares(actual, limit) : sizes(actual, limit);
  switch (measure) {
    case 'download':
      return `a device downloads ${now}${app === undefined ? '' : ` for ${app}`}, and ${allowed} are allowed`;
    case 'overlay':
      return `the overlay of ${app ?? ''} weighs ${now}, and ${allowed} are allowed`;
    case 'share':
      return `the overlay of ${app ?? ''} weighs ${now} of its base, and ${allowed} are allowed`;
  }
}

function measured({ measure }: Rule, { download, base, overlay }: AppWeights): number | undefined {
  switch (measure) {
    case 'download':
      return download;
    case 'overlay':
      return overlay;
    case 'share':
      return overlay === undefined || base === undefined || base === 0 ? undefined : (overlay / base) * 100;
  }
}

function hasOwn(rules: readonly Rule[], { measure }: Rule, app: string): boolean {
  return rules.some((one) => one.measure === measure && one.app === app);
}

/** Where both would read the same, to the last byte. */
function sizes(actual: number, limit: number): readonly [string, string] {
  const [now, allowed] = [formatSize(actual), formatSize(limit)];
  return now === allowed && actual !== limit ? [`${actual} bytes`, `${limit} bytes`] : [now, allowed];
}

function shares(actual: number, limit: number): readonly [string, string] {
  const [now, allowed] = [formatShare(actual, 100), formatShare(limit, 100)];
  if (now !== allowed || actual === limit) return [now, allowed];
  return [`${Number(actual.toFixed(6))} %`, `${limit} %`];
}
