import { sameJson } from '../../json/canonical';
import { type JsonObject, withoutNulls } from '../../json/value';
import { readRunManifest, type RunManifest } from '../manifests/run-manifest';
import { type SourceManifest, withFields } from '../manifests/source-manifest';
import { keepingVerityOf, withVerityAsIn } from '../manifests/verified-volumes';
import { overlayVolume, volumeFile } from '../manifests/volume-name';
import { linesOfPvrMended, renderRunFiles, type RunFiles } from '../template/run-files';
import { mergeLxcContainerConf, withLinesMended } from './lxc-container-conf';
import { mergeRunJson } from './run-json';

export interface RunFilesChange {
  readonly app: string;
  readonly defaultGroup: string | undefined;
  readonly before: {
    readonly manifest: SourceManifest;
    /** Undefined when the file is missing. */
    readonly runJson: string | undefined;
    readonly lxcContainerConf: string | undefined;
  };
  readonly after: { readonly manifest: SourceManifest };
}

/**
 * The generated files of an app whose src.json changes. Files that are what the template makes of the old
 * src.json are generated anew. Others were made by a newer pvr or by hand, and hold what the template doesn't
 * know; in these, only what the template makes differently of the two src.json is changed.
 *
 * @throws Problem when run.json isn't JSON, and as {@link renderRunFiles} does.
 */
export function updateRunFiles({ app, defaultGroup, before, after }: RunFilesChange): RunFiles {
  const render = (manifest: SourceManifest) => renderRunFiles({ app, defaultGroup, manifest });
  if (before.runJson === undefined) return render(after.manifest);

  const name = `${app}/run.json`;
  const existing = readRunManifest(before.runJson, name);
  const wanted = render(keepingVerityOf(after.manifest, existing));
  const runIsPatched = existing.volumes.map(volumeFile).includes(overlayVolume);
  const lxcIsPatched = before.lxcContainerConf?.includes(`/volumes/${app}/${overlayVolume}:`) ?? runIsPatched;
  const made = (isPatched: boolean) =>
    render(withVerityAsIn(asPatched(before.manifest, isPatched), existing));
  const madeRun = withTypeAsIn(readRunManifest(made(runIsPatched).runJson, name).document, existing);
  const madeLxc = made(lxcIsPatched).lxcContainerConf;
  const mended = linesOfPvrMended({ app, defaultGroup, manifest: before.manifest });
  const existingLxc =
    before.lxcContainerConf && withLinesMended(before.lxcContainerConf.replaceAll('\r\n', '\n'), mended);
  const isAsMade = sameJson(withoutNulls(existing.document), madeRun) && existingLxc === madeLxc;
  if (isAsMade) return wanted;

  const wantedRun = readRunManifest(wanted.runJson, name).document;
  return {
    runJson: mergeRunJson({ before: madeRun, after: wantedRun, existing }),
    lxcContainerConf: mergeLxcContainerConf({
      before: madeLxc,
      after: wanted.lxcContainerConf,
      existing: existingLxc,
    }),
    warnings: wanted.warnings,
  };
}

/**
 * The old src.json as a generated file knows it, with or without the app's own overlay. pvr writes src.json
 * first: where it failed after that, the others still tell of the time before.
 */
function asPatched(manifest: SourceManifest, isPatched: boolean): SourceManifest {
  const { base, docker_ovl_digest: digest } = manifest.fields;
  if (base || Boolean(digest) === isPatched) return manifest;
  return withFields(manifest, { docker_ovl_digest: isPatched ? 'of an unknown image' : undefined });
}

/** pvr gives no type to an app that is only mounted: what it made is as made here, and gets the type with the next change. */
function withTypeAsIn(made: JsonObject, { document, config }: RunManifest): JsonObject {
  if (config !== undefined || document.has('type')) return made;
  return new Map([...made].filter(([key]) => key !== 'type'));
}
