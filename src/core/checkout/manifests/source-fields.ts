import {
  boolean,
  booleanMap,
  object,
  objects,
  string,
  stringMap,
  strings,
  type Shape,
} from '../../json/shape';

/**
 * The fields of a src.json that pvr knows, in the order of its `Source` struct (pvr libpvr/applib.go:51-86),
 * which is the order that it writes them in.
 */
export const sourceFieldShapes = {
  base: string,
  name: string,
  '#spec': string,
  template: string,
  args: object,
  dm_enabled: booleanMap,
  logs: objects,
  exports: strings,
  config: object,
  docker_name: string,
  docker_tag: string,
  docker_digest: string,
  docker_ovl_digest: string,
  docker_source: string,
  docker_config: object,
  docker_platform: string,
  format_options: string,
  pvr: string,
  pvr_digest: boolean,
  rootfs_url: string,
  rootfs_digest: string,
  persistence: stringMap,
};

export type SourceField = keyof typeof sourceFieldShapes;

/** Each known field, by the name that it has in the file. */
export type SourceFields = {
  readonly [Key in SourceField]?: (typeof sourceFieldShapes)[Key] extends Shape<infer T> ? T : never;
};

export function isSourceField(key: string): key is SourceField {
  return Object.hasOwn(sourceFieldShapes, key);
}

/** All known fields, in pvr's order. */
export const sourceFieldOrder: readonly SourceField[] = Object.keys(sourceFieldShapes).filter(isSourceField);
