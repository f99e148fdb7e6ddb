import type { App } from '../../core/checkout/app';
import { staleAmong } from '../../core/checkout/signatures-at-stake';
import { conditionOf, isNewBaseRecommended, type AppCondition } from './app-condition';
import { baseSizeOf } from './base-size';
import type { CheckoutModel } from './checkout-model';
import type { ImageState } from './image-state';

/** An app together with what is known about it beyond its files: what rows, tooltips, badge and tools all show. */
export interface AppReview {
  readonly app: App;
  readonly condition: AppCondition;
  readonly image: ImageState;
  readonly isNewBaseRecommended: boolean;
  /** Bytes of the base that its overlay lies on, its own or another app's. */
  readonly baseSize: number | undefined;
  /** Signatures over it that no longer fit; paths below the checkout. */
  readonly staleSignatures: readonly string[];
}

export interface ReviewFacts {
  /** All of the checkout. */
  readonly apps: readonly App[];
  readonly image: ImageState;
  readonly newBaseThreshold: number;
  /** Of the checkout. */
  readonly staleSignatures: readonly string[];
}

/** Paths below the checkout. */
export function staleSignaturesOf({ state }: Pick<CheckoutModel, 'state'>): readonly string[] {
  return state.kind === 'read' ? staleAmong(state.checkout.signatures) : [];
}

export function reviewApp(app: App, facts: ReviewFacts): AppReview {
  const { apps, image, newBaseThreshold } = facts;
  const staleSignatures = facts.staleSignatures.filter((file) => app.signedBy.includes(file));
  return {
    app,
    condition: conditionOf(app, { image, newBaseThreshold, staleSignatures }),
    image,
    isNewBaseRecommended: isNewBaseRecommended(app, newBaseThreshold),
    baseSize: baseSizeOf(app, apps),
    staleSignatures,
  };
}
