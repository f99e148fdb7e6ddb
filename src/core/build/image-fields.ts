import { JsonNumber, type JsonObject, type JsonValue } from '../checkout/json/value';
import type { FieldChanges } from '../checkout/source-manifest';
import type { Image } from '../image/image';

/**
 * What an image says in an app's src.json, whichever squashfs it is for. The digest is left out, because its field
 * depends on that: `docker_digest` for a base, `docker_ovl_digest` for an overlay.
 */
export function imageFields(image: Image, sources: string): FieldChanges {
  return {
    docker_name: image.name,
    docker_tag: image.tag,
    docker_source: sources,
    docker_config: jsonObject(image.config.config),
    docker_platform: image.matchedPlatform,
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
