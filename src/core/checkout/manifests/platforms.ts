import type { TextFiles } from '../../files/text-file';
import { parseJson } from '../../json/parse';
import { isJsonArray, isJsonObject, type JsonValue } from '../../json/value';
import { Problem } from '../../problem';
import type { State } from '../state';

export const platformsFile = '_hostconfig/pvr/docker.json';

/**
 * The platforms that the device's images should be for, in order of preference: `linux/arm64`, `linux/arm/v7`.
 *
 * pvr reads them from the pristine state only (libpvr/dockerlib.go:312-330), and so ignores the file until it is committed:
 * the image comes out for the wrong processor, without a word. Here the file counts as soon as it lies there, like every
 * other file of the checkout; the pristine state stands in where there is none.
 *
 * @throws Problem when the file is broken.
 */
export async function readPlatforms(
  checkout: TextFiles,
  state: State | undefined,
): Promise<readonly string[]> {
  const text = await checkout.text(platformsFile);
  const document = text === undefined ? state?.entries.get(platformsFile) : parseJson(text, platformsFile);
  return document === undefined ? [] : platformsOf(document);
}

function platformsOf(document: JsonValue): readonly string[] {
  const platforms = isJsonObject(document) ? (document.get('platforms') ?? []) : document;
  if (isJsonArray(platforms) && platforms.every((platform) => typeof platform === 'string')) return platforms;
  throw new Problem({
    doing: `reading ${platformsFile}`,
    found: '"platforms" is not a list of strings',
    remedy: 'Write it like {"platforms":["linux/arm64","linux/arm"]}',
  });
}
