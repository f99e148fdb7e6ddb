import { remedy, type Remedy, way } from '../../remedy';
import { declare, install, none, type OfApp, type OfFile } from './declaration';

/** No commit has these. */
const remediesOfPvrFiles: Readonly<Record<string, string>> = {
  '.pvr/json': 'Get the state again with pvr get, or clone the device into a new folder',
  '.pvr/new': 'Delete the file, then add your new files again with pvr add',
};

/** Files that can't be understood, or say what nobody expects. */
export const ofDocuments = {
  /** A file that can't be read or understood. `found` and `remedy` as in a Problem. */
  unreadable: declare<OfFile & { readonly found: string; readonly remedy: Remedy }>({
    severity: 'error',
    place: ({ file }) => ({ file }),
    found: ({ file, found }) => `${file}: ${found}`,
    remedy: ({ remedy }) => remedy,
    fixes: none,
  }),

  'empty-json': declare<OfFile>({
    severity: 'error',
    place: ({ file }) => ({ file }),
    found: ({ file }) => `${file} is empty, and every pvr command fails on that`,
    remedy: () => 'Delete the file, or restore it from the last commit with pvr checkout',
    fixes: ({ file }) => [{ kind: 'deleteFile', file }],
  }),

  /** A field that doesn't hold what pvr expects. */
  'wrong-field': declare<
    OfFile & { readonly field: string; readonly expected: string; readonly found: string }
  >({
    severity: 'error',
    place: ({ file, field }) => ({ file, path: [field] }),
    found: ({ file, field, found, expected }) => `"${field}" in ${file} is ${found} instead of ${expected}`,
    remedy: ({ file }) =>
      remediesOfPvrFiles[file] ??
      'Correct the field, or restore the file from the last commit with pvr checkout',
    fixes: none,
  }),

  /** `spec` is undefined when the file has none. */
  'unknown-spec': declare<OfFile & { readonly spec: string | undefined; readonly known: string }>({
    severity: 'error',
    place: ({ file }) => ({ file, path: ['#spec'] }),
    found: ({ file, spec }) =>
      spec === undefined ? `${file} has no "#spec"` : `${file} is of the unknown kind "${spec}"`,
    remedy: ({ known }) =>
      `Set "#spec" to ${known} if that is what the file is, or use the tool that it was made with`,
    fixes: ({ file, known }) => [{ kind: 'setField', file, field: '#spec', value: known }],
  }),

  'wrong-name': declare<OfFile & { readonly name: string; readonly folder: string }>({
    severity: 'warning',
    place: ({ file }) => ({ file, path: ['name'] }),
    found: ({ file, name, folder }) => `${file} calls the app "${name}", but its folder is ${folder}`,
    remedy: ({ folder }) => `Set "name" to ${folder}, or rename the folder`,
    fixes: ({ file, folder }) => [{ kind: 'setField', file, field: 'name', value: folder }],
  }),

  /** Two volumes with pvr's broken separator between them (pvr templates/builtin-lxc-docker.go:336). */
  'broken-separator': declare<OfApp & OfFile>({
    severity: 'warning',
    place: ({ file }) => ({ file }),
    found: ({ file }) =>
      `between two volumes in ${file} stands \\n, a fault of pvr's, and every pvr command fails on that`,
    remedy: ({ app }) => remedy`Generate the file with ${way.install(app)}`,
    fixes: install,
  }),
};
