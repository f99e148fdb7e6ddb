import type { Compression, SquashfsFormat } from '../../squashfs/compression';
import type { XzFilter } from '../../squashfs/compressors/xz';

/** What a form asks of the kernel of a device. Plain data. */
export interface KernelNeeds {
  /** Options of its configuration that must be set. */
  readonly options: readonly string[];
  /** The oldest that has them all, where not all that are in use do: `6.12`. */
  readonly version: string | undefined;
  /** Bytes that it unpacks at once, however little is read: a block. */
  readonly blockSize: number;
}

const usualBlock = 128 * 1024;
const largeBlock = 1024 * 1024;

/** Those worth a look beside the one that is there. @param architecture of the image, as Go calls it. */
export function otherFormats(architecture: string | undefined): readonly SquashfsFormat[] {
  const filters = filtersFor(architecture);
  const xz: readonly Compression[] = [
    { compressor: 'xz' },
    ...(filters.length > 0 ? [{ compressor: 'xz', filters } as const] : []),
  ];
  return [
    ...xz.flatMap((compression) => [usualBlock, largeBlock].map((blockSize) => ({ compression, blockSize }))),
    { compression: { compressor: 'gzip', level: 9 }, blockSize: usualBlock },
    { compression: { compressor: 'zstd', level: 19 }, blockSize: usualBlock },
    { compression: { compressor: 'zstd', level: 22 }, blockSize: largeBlock },
  ];
}

/** In the order in which a compression names them. Those for PowerPC and SPARC are for code in their big-endian form. */
function filtersFor(architecture = ''): readonly XzFilter[] {
  return filtersOf.get(architecture) ?? [];
}

const filtersOf: ReadonlyMap<string, readonly XzFilter[]> = new Map([
  ['amd64', ['x86']],
  ['386', ['x86']],
  ['arm', ['arm', 'armthumb']],
  ['arm64', ['arm64']],
  ['ppc', ['powerpc']],
  ['ppc64', ['powerpc']],
  ['sparc', ['sparc']],
  ['sparc64', ['sparc']],
]);

/** By what its configuration calls them (kernel, fs/squashfs/Kconfig and lib/xz/Kconfig). */
export function kernelNeeds({ compression, blockSize }: SquashfsFormat): KernelNeeds {
  const { compressor } = compression;
  const filters = 'filters' in compression ? compression.filters : [];
  const ofCompressor = { xz: 'XZ', gzip: 'ZLIB', zstd: 'ZSTD' }[compressor];
  return {
    options: [
      `CONFIG_SQUASHFS_${ofCompressor}`,
      ...filters.map((filter) => `CONFIG_XZ_DEC_${filter.toUpperCase()}`),
    ],
    version: filters.includes('arm64') ? '6.12' : undefined,
    blockSize,
  };
}
