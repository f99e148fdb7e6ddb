import { systemErrorWords } from '../../files/system-error';
import { describeError, Problem } from '../../problem';

export const archiveRemedy =
  'Make the archive again with docker save, or as an OCI image with skopeo, podman or buildx';

export function archiveProblem(
  file: string,
  found: string,
  options: { remedy?: string; cause?: unknown } = {},
): Problem {
  return new Problem({
    doing: `reading the image archive ${file}`,
    found,
    remedy: archiveRemedy,
    ...options,
  });
}

/** An archive that can't be opened or read. */
export function unreadableArchive(file: string, cause: unknown): Problem {
  const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
  const { found, remedy } = isMissing
    ? { found: 'there is no such file', remedy: missingRemedy(file) }
    : (systemErrorWords(cause, file) ?? {
        found: `it can't be read (${describeError(cause)})`,
        remedy: 'Check the permissions of the file and its disk',
      });
  return archiveProblem(file, found, { remedy, cause });
}

/** Who writes `archive:PATH,remote` asks for a file of that name, and sees nothing wrong with its path. */
function missingRemedy(file: string): string {
  const taken = /,\s*(?:remote|local)\s*$/.exec(file)?.[0];
  return taken === undefined
    ? 'Check the path after archive:'
    : `Write the archive last, as in remote,archive:PATH: everything after archive: is its path, "${taken}" too`;
}
