import type { Weights } from '../../budget/judge';
import { baseVolume, overlayVolume } from '../../checkout/manifests/volume-name';
import { isObjectId } from '../../checkout/state';
import { compareKeys } from '../../json/key-order';
import { isJsonObject, type JsonObject } from '../../json/value';
import type { ObjectStore } from '../../objects/object-store';
import type { PostReview } from './post-review';

/**
 * What a state weighs that is going to a device, as rules are held to it.
 *
 * @param review what it means to the device; without it, nobody knows what that downloads.
 */
export async function weightsOfState(
  members: JsonObject,
  store: ObjectStore,
  review: Pick<PostReview, 'download' | 'parts'> | undefined,
): Promise<Weights> {
  const sizeAt = async (key: string) => {
    const id = members.get(key);
    return id !== undefined && isObjectId(id) ? store.sizeOf(id) : undefined;
  };
  const names = [...members.keys()].flatMap(
    (key) => /^([^/._][^/]*)\/(?:src|run)\.json$/.exec(key)?.[1] ?? [],
  );
  const apps = await Promise.all(
    [...new Set(names)].sort(compareKeys).map(async (name) => {
      const source = members.get(`${name}/src.json`);
      const extended = isJsonObject(source) ? source.get('base') : undefined;
      const part = review?.parts.find((one) => one.name === name);
      return {
        name,
        download: review && (part?.download ?? 0),
        base: await sizeAt(`${typeof extended === 'string' ? extended : name}/${baseVolume}`),
        overlay: await sizeAt(`${name}/${overlayVolume}`),
      };
    }),
  );
  return { download: review?.download, apps };
}
