import type { ByteString } from '../../src/core/bytes/byte-string';

/** What a regular file is by its name and place; nobody reads it for that. */
export const fileKinds = ['library', 'program', 'code', 'text', 'data', 'media', 'archive', 'other'] as const;

export type FileKind = (typeof fileKinds)[number];

const extensions: Readonly<Record<Exclude<FileKind, 'program' | 'other'>, string>> = {
  library: 'so a o ko dll node dylib rlib',
  code: 'py pyc pyo pyi js mjs cjs ts map jar class rb pl pm php lua sh bash tcl go rs c cc cpp h hpp css wasm el elc luac qml r scm',
  text: 'txt md rst html htm xhtml tex info man conf cfg cnf ini service socket timer target rules list po mo gmo license copying log adoc',
  data: 'json xml yaml yml toml csv tsv db sqlite sqlite3 dat data bin mdb pem crt key der tab hwdb dtb dtbo fw ucode onnx tflite pb pt npy npz model res idx cache plist xsd dtd sql gresource compiled',
  media:
    'png jpg jpeg gif svg svgz webp ico bmp tif tiff xpm ttf otf ttc woff woff2 pfb pcf afm mp3 ogg oga opus wav flac mp4 webm mkv avi cur',
  archive: 'gz tgz xz txz bz2 tbz zst lz4 lzma zip tar whl egg deb rpm apk ipk cpio squashfs img iso 7z',
};

const kindOfExtension = new Map(
  Object.entries(extensions).flatMap(([kind, names]) =>
    names.split(' ').map((name) => [name, kind as keyof typeof extensions] as const),
  ),
);

const shared = /\.so(\.[\w+-]+)*$|\.ko\.\w+$/;
const foldersOfPrograms = new Set(['bin', 'sbin', 'libexec']);
const foldersOfTexts = ['man', 'doc', 'info', 'licenses', 'common-licenses', 'locale', 'i18n'].map(
  (name) => `share/${name}/`,
);
const foldersOfData = ['firmware/', 'zoneinfo/', 'terminfo/', 'share/mime/'];

/**
 * There may be a hundred thousand to be told at once.
 *
 * @param isExecutable undefined where nobody knows.
 */
export function fileKindOf(path: ByteString, isExecutable?: boolean): FileKind {
  const slash = path.lastIndexOf('/');
  const dot = path.lastIndexOf('.');
  // `.bashrc` has no extension.
  const extension = dot > slash + 1 ? path.slice(dot + 1) : '';
  const known = kindOfExtension.get(extension) ?? kindOfExtension.get(extension.toLowerCase());
  if (known === 'archive') {
    if (liesIn(path, foldersOfTexts)) return 'text';
    return shared.test(path) ? 'library' : 'archive';
  }
  if (known !== undefined) return known;
  if (dot > slash && path.includes('.so.', slash) && shared.test(path)) return 'library';
  const parent = path.slice(path.lastIndexOf('/', slash - 1) + 1, Math.max(slash, 0));
  if (isExecutable === true || foldersOfPrograms.has(parent)) return 'program';
  if (liesIn(path, foldersOfTexts)) return 'text';
  if (liesIn(path, foldersOfData)) return 'data';
  return path.startsWith('etc/') ? 'text' : 'other';
}

function liesIn(path: ByteString, folders: readonly string[]): boolean {
  return folders.some((folder) => path.includes(folder));
}
