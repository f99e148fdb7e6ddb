import * as z from 'zod';
import type { ProcessEnvironment } from '../../net/process-environment';
import { checkDocument } from '../json-document';
import { connectToDocker } from './docker-client';

/** An image of the local docker, under one of its names. */
export interface DockerImage {
  /** As docker shows it: `nginx:1.27`. */
  readonly reference: string;
  /** `sha256:…` */
  readonly id: string;
  /** Bytes, uncompressed. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly created: number;
}

/**
 * Every name of every image that docker has, the newest image first. Images without a name are left out.
 * @throws Problem when no docker answers.
 */
export async function listLocalImages(
  environment: ProcessEnvironment,
  signal: AbortSignal,
): Promise<readonly DockerImage[]> {
  const docker = await connectToDocker(environment);
  const doing = "listing docker's images";
  const answer = checkDocument(answerSchema, await docker.json({ path: '/images/json', doing }, signal), {
    doing,
    remedy: `Check that docker answers at ${docker.host}`,
  });
  return answer
    .flatMap(({ Id: id, RepoTags, Created: created, Size: size }) =>
      (RepoTags ?? []).filter(isName).map((reference) => ({ reference, id, size, created })),
    )
    .sort((a, b) => b.created - a.created || (a.reference < b.reference ? -1 : 1));
}

/** The answer to `GET /images/json` (docker's Engine API, "List images"). */
const answerSchema = z.array(
  z.object({
    Id: z.string(),
    RepoTags: z.array(z.string()).nullish(),
    Created: z.number(),
    Size: z.number(),
  }),
);

/** Daemons before API 1.43 list an image without a name under this one. */
function isName(tag: string): boolean {
  return tag !== '<none>:<none>';
}
