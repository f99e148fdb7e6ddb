import * as z from 'zod';
import { isDigest, type Digest } from './digest';
import type { Settings } from './image';
import { checkDocument, parseJsonBytes } from './json-document';
import { normalizePlatform, type Platform } from './platform';

/** The parts of an image's config that count here (OCI image spec 1.1, config.md; docker's is the same). */
export interface ImageConfig {
  /** undefined when the config names no architecture. */
  readonly platform: Platform | undefined;
  /** RFC 3339. */
  readonly created: string | undefined;
  /** The digests of the layers' uncompressed tar archives, lowest first. */
  readonly diffIds: readonly Digest[];
  /** `Cmd`, `Env`, `Volumes` and the others, also those unknown here, in the order of the document. */
  readonly config: Readonly<Record<string, unknown>>;
}

const absentOr = <S extends z.ZodType>(schema: S) =>
  schema.nullish().transform((value) => value ?? undefined);

const configSchema = z.object({
  architecture: absentOr(z.string()),
  os: absentOr(z.string()),
  variant: absentOr(z.string()),
  created: absentOr(z.string()),
  config: absentOr(z.looseObject({})),
  rootfs: z.object({
    diff_ids: z
      .array(z.string().refine(isDigest, { message: 'it is not a sha256 or sha512 digest' }))
      .nullish()
      .transform((value) => value ?? []),
  }),
});

/**
 * @param what the image, for messages: `nginx:1.25`.
 * @throws Problem when `bytes` are not an image config.
 */
export function parseImageConfig(bytes: Uint8Array, what: string): ImageConfig {
  const context = {
    doing: `reading the config of ${what}`,
    remedy: 'Push the image again with a current docker, buildx, podman or skopeo',
  };
  const { architecture, os, variant, created, config, rootfs } = checkDocument(
    configSchema,
    parseJsonBytes(bytes, context),
    context,
  );
  return {
    platform: architecture ? normalizePlatform({ os: os ?? 'linux', architecture, variant }) : undefined,
    created,
    diffIds: rootfs.diff_ids,
    config: config ?? {},
  };
}

export function settingsOf({ created, config }: Pick<ImageConfig, 'created' | 'config'>): Settings {
  const seconds = Math.floor(Date.parse(created ?? '') / 1000);
  // Go writes the year 1 where it knows no time.
  return { created: seconds > 0 ? seconds : 0, config };
}
