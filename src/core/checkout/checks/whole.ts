import type { Contradiction } from '../contradictions/contradictions';
import type { GroupFiles } from '../manifests/groups';
import { isSigned } from '../signatures';
import { specKey, type State, stateFile } from '../state';
import { unreadable } from '../unreadable';
import type { CheckedSignature } from '../verify-signature';

/** What Pantavisor knows (parser/parser.c): the first is today's. */
export const knownStateSpecs: readonly string[] = [
  'pantavisor-service-system@1',
  'pantavisor-multi-platform@1',
];

export function findStateContradictions(state: State | undefined): readonly Contradiction[] {
  if (state === undefined || knownStateSpecs.includes(state.spec ?? '')) return [];
  return [{ kind: 'unknown-spec', file: stateFile, spec: state.spec, known: knownStateSpecs[0] ?? '' }];
}

export function findGroupFileContradictions(files: GroupFiles): readonly Contradiction[] {
  return [
    ...files.problems.map(({ file, problem }) => unreadable(file, problem)),
    ...(files.hasBoth ? [{ kind: 'two-group-files' } as const] : []),
  ];
}

/**
 * Signatures of nothing, left over from apps that pvr removed (pvr libpvr/applib.go, RemoveApplication), and those of something
 * else than what lies there. `#spec` is something to sign: a strict device wants it signed.
 */
export function findSignatureContradictions(
  signatures: readonly CheckedSignature[],
  files: readonly string[],
): readonly Contradiction[] {
  return signatures.flatMap((signature): Contradiction[] => {
    const { file, standing } = signature;
    if (![specKey, ...files].some((one) => isSigned(signature, one)))
      return [{ kind: 'signature-without-files', file }];
    return standing === 'stale' ? [{ kind: 'stale-signature', file }] : [];
  });
}

/** `_config/<app>` of apps that don't exist, also left over by pvr. */
export function findConfigContradictions(
  files: readonly string[],
  apps: ReadonlySet<string>,
): readonly Contradiction[] {
  const owners = files.flatMap((file) => {
    const [folder, owner, ...rest] = file.split('/');
    return folder === '_config' && owner !== undefined && rest.length > 0 ? [owner] : [];
  });
  return [...new Set(owners)]
    .filter((owner) => !apps.has(owner))
    .map((app) => ({ kind: 'config-without-app', app }));
}
