import type { FieldChanges, SourceManifest } from '../../checkout/manifests/source-manifest';
import type { Image, Source } from '../../image/image';
import { JsonNumber, type JsonObject, type JsonValue } from '../../json/value';
import { defaultSources } from './image-request';

/** What the image of a new app says in src.json, beside its digest, whose field depends on what is built from it. */
export function fieldsOfNewApp(image: Image, sources: readonly Source[]): FieldChanges {
  // An archive lies on this machine only, and pvr knows no such source.
  const lasting = sources.flatMap(({ kind }) => (kind === 'archive' ? [] : [kind])).join(',');
  return {
    docker_name: image.name,
    docker_tag: image.tag,
    docker_source: lasting || defaultSources,
    docker_config: jsonObject(image.config.config),
    docker_platform: image.matchedPlatform,
  };
}

/** The same for an update: where images are looked for stays, and the name too unless another one was asked for. */
export function fieldsOfUpdate(
  image: Image,
  { fields }: SourceManifest,
  { isRenamed }: { readonly isRenamed: boolean },
): FieldChanges {
  return {
    ...(isRenamed && { docker_name: image.name, docker_tag: image.tag }),
    docker_config: jsonObject(image.config.config),
    docker_platform: image.matchedPlatform ?? fields.docker_platform,
  };
}

function jsonObject(value: Readonly<Record<string, unknown>>): JsonObject {
  return new Map(Object.entries(value).map(([key, member]) => [key, jsonValue(member)]));
}

/** What `JSON.parse` gave, as a document again. */
function jsonValue(value: unknown): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return new JsonNumber(String(value));
  if (Array.isArray(value)) return value.map(jsonValue);
  if (typeof value === 'object') return jsonObject({ ...value });
  return null;
}
