import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Packs root file systems of this machine's own Debian or Ubuntu release, installed from its own mirrors. Needs root.
 */
export class DebianMaker {
  readonly #folder: string;

  /** @param folder for the packages that have been downloaded once. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * @param tar the file to write.
   * @param options.packages beside what every minimal system has.
   * @param options.updates with the updates that came out after the release (Debian: since its last point release).
   */
  async make(
    tar: string,
    { packages, updates }: { readonly packages: readonly string[]; readonly updates: boolean },
  ): Promise<void> {
    const sources = await aptSources();
    const [{ release } = { release: '' }] = sources;
    await mkdir(this.#folder, { recursive: true });
    await run('mmdebstrap', [
      '--quiet',
      '--variant=minbase',
      `--include=${packages.join(',')}`,
      ...this.#sharedDownloads(),
      release,
      tar,
      ...sources
        .filter((source) => updates || source.release === release)
        .map((source) => `deb ${source.uri} ${source.release} main`),
    ]);
  }

  /** As mmdebstrap's manual has it, under EXAMPLES; the packages are not to end up in the tar archive. */
  #sharedDownloads(): string[] {
    const packages = '/var/cache/apt/archives/';
    return [
      '--skip=download/empty',
      '--skip=essential/unlink',
      `--setup-hook=mkdir -p "$1"${packages}`,
      `--setup-hook=sync-in ${path.resolve(this.#folder)} ${packages}`,
      `--customize-hook=sync-out ${packages} ${path.resolve(this.#folder)}`,
    ];
  }
}

interface AptSource {
  readonly uri: string;
  /** `bookworm`, `bookworm-updates` … */
  readonly release: string;
}

/** Where apt takes the packages of this machine's release from, the release itself first. */
async function aptSources(): Promise<readonly AptSource[]> {
  const { stdout: codename } = await run('sh', ['-c', '. /etc/os-release && printf %s "$VERSION_CODENAME"']);
  const format = '$(CREATED_BY) $(COMPONENT) $(REPO_URI) $(RELEASE)';
  const { stdout } = await run('apt-get', ['indextargets', '--format', format]);
  const sources = stdout
    .split('\n')
    .map((line) => line.split(' '))
    .flatMap(([kind, component, uri = '', release = '']) =>
      kind === 'Packages' && component === 'main' && release.split('-')[0] === codename
        ? [{ uri, release }]
        : [],
    );
  if (!sources.some(({ release }) => release === codename)) {
    throw new Error(
      `apt knows no mirror of ${codename}: is there a deb line for it, and was apt-get update run?`,
    );
  }
  return sources.sort((a, b) => a.release.length - b.release.length);
}
