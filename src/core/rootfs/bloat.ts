import type { ByteString } from '../bytes/byte-string';
import type { OverlayChange } from './overlay-changes';

/** Something in an overlay that is usually not meant to ship, or ships though the device has it. Plain data. */
export interface BloatFinding {
  readonly kind: BloatKind;
  /** The heaviest first, not more than {@link mostPaths}. */
  readonly paths: readonly ByteString[];
  readonly count: number;
  /** Before compression. */
  readonly bytes: number;
  /** The line that avoids it, and the file that it belongs in. */
  readonly avoidedBy: { readonly file: 'Dockerfile' | '.dockerignore'; readonly line: string };
}

export type BloatKind = (typeof rules)[number]['kind'] | ContentBloatKind;

/** Told by what is in the files. `copy`: the base has the content under another name. `fewBytes`: hardly anything differs. */
export type ContentBloatKind = 'copy' | 'fewBytes';

export const mostPaths = 20;

/** Told by the names of files. The first that fits counts. */
const rules = [
  {
    kind: 'aptLists',
    pattern: /^var\/lib\/apt\/lists\//,
    line: 'RUN apt-get update && apt-get install -y … && rm -rf /var/lib/apt/lists/*',
  },
  {
    kind: 'aptCache',
    pattern: /^var\/cache\/apt\//,
    line: 'RUN apt-get install -y … && apt-get clean',
  },
  {
    // Each run of dpkg makes them anew, and nothing reads them.
    kind: 'dpkgBackups',
    pattern: /^var\/lib\/dpkg\/[^/]+-old$/,
    line: 'RUN apt-get install -y … && rm -f /var/lib/dpkg/*-old',
  },
  {
    // What lies beside them without `-old` is no cache, whatever its folder: it holds the answers that packages were configured with.
    kind: 'debconfBackups',
    pattern: /^var\/cache\/debconf\/[^/]+-old$/,
    line: 'RUN apt-get install -y … && rm -f /var/cache/debconf/*-old',
  },
  {
    // It makes the next run of ldconfig faster. What programs are started with is /etc/ld.so.cache.
    kind: 'ldconfigCache',
    pattern: /^var\/cache\/ldconfig\/aux-cache$/,
    line: 'RUN … && rm -f /var/cache/ldconfig/aux-cache',
  },
  { kind: 'apkCache', pattern: /^(var\/cache\/apk|etc\/apk\/cache)\//, line: 'RUN apk add --no-cache …' },
  {
    kind: 'rpmCache',
    pattern: /^var\/cache\/(dnf|yum|zypp)\//,
    line: 'RUN dnf install -y … && dnf clean all',
  },
  {
    kind: 'opkgCache',
    pattern: /^(var\/cache\/opkg\/|(var|usr)\/lib\/opkg\/lists\/|tmp\/opkg)/,
    line: 'RUN opkg update && opkg install … && rm -rf /var/cache/opkg/* /var/lib/opkg/lists/* /usr/lib/opkg/lists/* /tmp/opkg*',
  },
  { kind: 'pipCache', pattern: /(^|\/)\.cache\/pip\//, line: 'RUN pip install --no-cache-dir …' },
  { kind: 'npmCache', pattern: /(^|\/)\.npm\/_/, line: 'RUN npm ci && npm cache clean --force' },
  { kind: 'pythonCache', pattern: /(^|\/)__pycache__\/|\.py[co]$/, line: 'ENV PYTHONDONTWRITEBYTECODE=1' },
  {
    kind: 'fontCache',
    pattern: /^var\/cache\/fontconfig\//,
    line: 'RUN … && rm -rf /var/cache/fontconfig/*',
  },
  { kind: 'manCache', pattern: /^var\/cache\/man\//, line: 'RUN … && rm -rf /var/cache/man/*' },
  { kind: 'versionControl', pattern: /(^|\/)\.(git|svn|hg)\//, line: '**/.git' },
  { kind: 'logs', pattern: /^var\/log\//, line: 'RUN … && rm -rf /var/log/*' },
  { kind: 'temporary', pattern: /^(var\/)?tmp\//, line: 'RUN … && rm -rf /tmp/* /var/tmp/*' },
  {
    kind: 'tests',
    pattern: /\/(site-packages|dist-packages|node_modules)\/(.+\/)?(tests?|__tests__)\//,
    line: "RUN … && find / -xdev -path '*-packages/*' -type d -name tests -prune -exec rm -rf {} +",
  },
] as const;

/** What names give away, the heaviest first. */
export function bloatByName(changes: readonly OverlayChange[]): readonly BloatFinding[] {
  const found = new Map<string, OverlayChange[]>();
  for (const change of changes) {
    if (!isShipped(change)) continue;
    const rule = rules.find(({ pattern }) => pattern.test(change.path));
    if (rule === undefined) continue;
    const known = found.get(rule.kind);
    if (known === undefined) found.set(rule.kind, [change]);
    else known.push(change);
  }
  return rules
    .flatMap(({ kind, line }) => {
      const files = found.get(kind);
      return files === undefined ? [] : [finding(kind, files, line)];
    })
    .sort((a, b) => b.bytes - a.bytes);
}

/** A finding about files, of which at least one is there. */
export function finding(
  kind: BloatKind,
  files: readonly Pick<OverlayChange, 'path' | 'size'>[],
  line: string,
): BloatFinding {
  const heaviestFirst = [...files].sort((a, b) => b.size - a.size);
  return {
    kind,
    paths: heaviestFirst.slice(0, mostPaths).map(({ path }) => path),
    count: files.length,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    avoidedBy: { file: kind === 'versionControl' ? '.dockerignore' : 'Dockerfile', line },
  };
}

/** Whether a file's content is in the overlay under this name first. */
export function isShipped({ change, kind, size, hardLinkOf }: OverlayChange): boolean {
  return change !== 'deleted' && kind === 'file' && size > 0 && hardLinkOf === undefined;
}
