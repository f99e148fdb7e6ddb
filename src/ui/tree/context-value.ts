import type { AppReview } from '../model/app-review';

/** What menus may ask about the row of an app: `viewItem =~ /;docker;/`. A test holds package.json to it. */
export const appTokens = ['app', 'docker', 'manifest', 'overlay', 'ownBase', 'moved'] as const;
export type AppToken = (typeof appTokens)[number];

/** What other rows are called there. */
export const rowNames = ['checkout', 'base', 'overlay', 'relatedApp', 'file', 'fixable'] as const;
export type RowName = (typeof rowNames)[number];

/** All that holds of an app, with a `;` on each side. */
export function contextValueOf({ app, image }: AppReview): `;${string};` {
  const holds: Record<AppToken, boolean> = {
    app: true,
    docker: app.source.kind === 'docker',
    manifest: app.source.kind !== 'none',
    overlay: app.overlay !== undefined,
    ownBase: app.base !== undefined && app.baseApp === undefined,
    moved: image.kind === 'moved',
  };
  return `;${appTokens.filter((token) => holds[token]).join(';')};`;
}
