import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { syncFile, syncFolder } from '../../files/durable';
import { fileProblem } from '../../files/file-problem';
import { makeFolder } from '../../files/make-folder';
import { readTextFile } from '../../files/text-file';
import { stringifyIndented } from '../../json/indented';
import { parseJson } from '../../json/parse';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value';
import { Secret } from '../../net/secret';
import { objectOf, textOf } from '../fields';

/** Where tokens are kept between runs. */
export interface Logins {
  /** @param hub the hub's own address, without a path. */
  read(hub: URL): Promise<Secret | undefined>;
  /** undefined forgets it. */
  write(hub: URL, token: Secret | undefined): Promise<void>;
  /** The hubs that somebody is logged in to. */
  hubs(): Promise<readonly URL[]>;
}

/** In pvr's folder. */
export const authFileName = 'auth.json';
const realm = 'pantahub services';

/**
 * pvr's own file, `auth.json` in its folder, read and written as it does (libpvr/authlib.go): readable for its owner alone, one entry
 * for each place to log in, and with what others have put into it.
 */
export class AuthFile implements Logins {
  /** @param folder pvr's, absolute. */
  constructor(private readonly folder: string) {}

  async read(hub: URL): Promise<Secret | undefined> {
    const tokens = objectOf(await this.#document(), 'tokens');
    const entry = objectOf(tokens, keyOf(hub));
    const token = textOf(entry, 'access-token') || textOf(entry, 'refresh-token');
    return token === '' ? undefined : new Secret(token);
  }

  async hubs(): Promise<readonly URL[]> {
    const tokens = objectOf(await this.#document(), 'tokens');
    return [...tokens.keys()].flatMap((key) => {
      const [place = ''] = key.split(' ');
      return URL.canParse(place) ? [new URL(new URL(place).origin)] : [];
    });
  }

  async write(hub: URL, token: Secret | undefined): Promise<void> {
    const document = await this.#document();
    const tokens = new Map(objectOf(document, 'tokens'));
    if (token === undefined) tokens.delete(keyOf(hub));
    else {
      const value = token.reveal();
      const known = objectOf(tokens, keyOf(hub));
      tokens.set(
        keyOf(hub),
        new Map<string, JsonValue>([
          ['Name', ''],
          ...known,
          ['access-token', value],
          ['refresh-token', value],
        ]),
      );
    }
    const updated = new Map<string, JsonValue>([['spec', '1'], ...document, ['tokens', tokens]]);
    await this.#write(stringifyIndented(updated, { prefix: '', indent: '    ' }));
  }

  async #document(): Promise<JsonObject> {
    const text = await readTextFile(this.folder, authFileName);
    if (text === undefined) return new Map();
    // What is in it must not show up in a message.
    const document = parseJson(
      text,
      path.join(this.folder, authFileName),
      'Delete the file, and log in again',
    );
    return isJsonObject(document) ? document : new Map();
  }

  async #write(text: string): Promise<void> {
    const file = path.join(this.folder, authFileName);
    const draft = `${file}.${randomUUID()}`;
    try {
      await makeFolder(this.folder);
      await writeFile(draft, text, { flag: 'wx', mode: 0o600 });
      await syncFile(draft);
      await rename(draft, file);
      await syncFolder(this.folder);
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw fileProblem(`writing ${file}`, file, error);
    }
  }
}

/** As pvr names it: the first `ph-aeps` of the hub's challenge, and its realm. */
function keyOf(hub: URL): string {
  return `${hub.origin}/auth realm=${realm}`;
}
