import * as z from 'zod';
import { Problem } from '../../problem';
import { type Digest, isDigest } from '../digest';
import type { ImageConfig } from '../image-config';
import { checkDocument } from '../json-document';
import type { ImageWish, Wish } from '../parsed-request';
import { fulfils, normalizePlatform, type Platform, requirePlatform } from '../platform';
import { familiarReference, parseReference, pinnedName, type Reference } from '../reference';
import type { DockerClient } from './docker-client';

/** What docker knows of an image without reading it. */
export interface InspectedImage extends ImageConfig {
  /** Of its config, or where docker keeps images in containerd, of its manifest or index. */
  readonly id: Digest;
  /** `nginx@sha256:…` when docker knows it from the reference's repository, else the bare ID. */
  readonly digest: string;
  /** The one that was asked for, in as far as docker lets choose. */
  readonly wish: Wish | undefined;
  /** Bytes, roughly. */
  readonly size: number;
}

/**
 * Asks docker for the image that fulfils a wish. Only daemons that keep several platforms of an image let choose one (Engine
 * API 1.49); others answer with what they have.
 *
 * @throws Problem when docker has no such image, or has it for other platforms only.
 */
export async function inspectImage(
  docker: DockerClient,
  { reference, platforms }: ImageWish,
  signal: AbortSignal,
): Promise<InspectedImage> {
  const usual = await inspect(docker, reference, undefined, signal);
  const [first] = platforms;
  if (first === undefined) return usual;
  if (fulfils(usual.platform, first)) return { ...usual, wish: first };
  for (const wish of platforms) {
    const image = await inspect(docker, reference, wish, signal).catch((error: unknown) => {
      // A daemon that has not this platform says so in many ways.
      if (error instanceof Problem) return undefined;
      throw error;
    });
    if (image !== undefined && fulfils(image.platform, wish)) return image;
  }
  const doing = `checking the platform of ${familiarReference(reference)} in docker`;
  return { ...usual, wish: requirePlatform(usual.platform, platforms, doing) };
}

/** Docker finds an image by its digest only without the tag. */
export function dockerName(reference: Reference): string {
  return reference.digest === undefined
    ? familiarReference(reference)
    : familiarReference({ ...reference, tag: undefined, digest: reference.digest });
}

export function platformQuery(wish: Wish | undefined): Readonly<Record<string, unknown>> {
  if (wish === undefined) return {};
  const { os, architecture, variant } = wish;
  return { platform: { os, architecture, ...(variant === '' ? {} : { variant }) } };
}

const digestSchema = z.string().refine(isDigest, { message: 'it is not a sha256 or sha512 digest' });

const absentOr = <S extends z.ZodType>(schema: S) =>
  schema.nullish().transform((value) => value ?? undefined);

/** The answer to `GET /images/NAME/json` (docker's Engine API, "Inspect an image"). */
const answerSchema = z.object({
  Id: digestSchema,
  RepoDigests: absentOr(z.array(z.string())),
  Created: absentOr(z.string()),
  Size: absentOr(z.number()),
  Architecture: absentOr(z.string()),
  Variant: absentOr(z.string()),
  Os: absentOr(z.string()),
  Config: absentOr(z.looseObject({})),
  RootFS: z.object({ Layers: absentOr(z.array(digestSchema)) }),
});

async function inspect(
  docker: DockerClient,
  reference: Reference,
  wish: Wish | undefined,
  signal: AbortSignal,
): Promise<InspectedImage> {
  const name = dockerName(reference);
  const doing = `asking docker for ${name}`;
  const question = {
    path: `/images/${name}/json`,
    query: platformQuery(wish),
    doing,
    what: `the image ${name}`,
  };
  const answer = checkDocument(answerSchema, await docker.json(question, signal), {
    doing,
    remedy: `Check that docker answers at ${docker.host}`,
  });
  return {
    id: answer.Id,
    digest: digestFrom(answer.RepoDigests ?? [], reference) ?? answer.Id,
    platform: platformOf(answer),
    wish,
    created: answer.Created,
    config: withoutNulls(answer.Config ?? {}),
    diffIds: answer.RootFS.Layers ?? [],
    size: answer.Size ?? 0,
  };
}

function platformOf({ Os, Architecture, Variant }: z.output<typeof answerSchema>): Platform | undefined {
  return Architecture
    ? normalizePlatform({ os: Os ?? 'linux', architecture: Architecture, variant: Variant })
    : undefined;
}

/** An image can have been pulled from several repositories, and pushed to others. */
function digestFrom(repoDigests: readonly string[], wanted: Reference): string | undefined {
  for (const text of repoDigests) {
    const known = tryParse(text);
    if (known?.digest !== undefined && known.domain === wanted.domain && known.path === wanted.path) {
      return pinnedName(wanted, known.digest);
    }
  }
  return undefined;
}

function tryParse(text: string): Reference | undefined {
  try {
    return parseReference(text);
  } catch {
    return undefined;
  }
}

/** Docker writes null where an image says nothing. */
function withoutNulls(config: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null));
}
