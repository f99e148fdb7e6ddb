import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { makeImage } from '../../image-maker/image';
import { makeLayer } from '../../image-maker/layer';
import { writeOciLayout } from '../../image-maker/oci-layout';
import { testFile } from '../revision/recorded';

/** Adds members to a JSON file, as the classes do with jq. */
const addTo = `addTo() { node -e '
  const fs = require("fs"); const [file, text] = process.argv.slice(1);
  const members = { ...JSON.parse(fs.readFileSync(file, "utf8")), ...JSON.parse(text) };
  fs.writeFileSync(file, JSON.stringify(members, null, 2));' "$1" "$2"; }`;

/**
 * Every call of pvr in meta-pantavisor's classes/container-pvrexport.bbclass (IMAGE_CMD:pvrexportit), which image-pvrexport.bbclass inherits,
 * in its order and with its words.
 */
const containerClass = `
pvr --version
export PVR_CONFIG_DIR="\${PVR_CONFIG_DIR}"
export PVR_DISABLE_SELF_UPGRADE=1
cd \${PVSTATE}
pvr init
args="--arg-json \${WORKDIR}/\${PN}.args.json "
args="$args --config-json \${WORKDIR}/\${PN}.config.json "
pvr app add \\
    --force \\
    --type rootfs \\
    --from "\${IMAGE_ROOTFS}" \\
    --group \${PVR_APP_ADD_GROUP} \\
    $args \${PVR_APP_ADD_EXTRA_ARGS} \\
    --format-options="\${PVR_FORMAT_OPTS} -e lib/modules -e lib/firmware " \\
    \${PN}
addTo \${PN}/src.json '{ "pv_build_origin": "yocto" }'
pvr add
pvr commit
cat > \${PN}/mdev.json << EOF1
{
    "rules": [
        ".* 0:0 666"
    ]
 }
EOF1
addTo \${PN}/run.json '{ "network": { "pool": "internal" } }'
mkdir -p _config
cp -rf \${WORKDIR}/overlay _config/\${PN}
pvr add
pvr commit
pvr sig add \${PVR_SIG_ADD_ARGS}
pvr add
pvr commit
mkdir -p \${IMGDEPLOYDIR}/
pvr export \${IMGDEPLOYDIR}/\${PN}.pvrexport.tgz
`;

/** The same of pvrexport.bbclass, but for what is fetched. */
const fetchOfExport = `
cd \${PVR_SRC_DIR}
pvr init
pvr get \${PVR_SRC_URI}
`;
const fetchOfImage = `
cd \${PVR_SRC_DIR}
pvr init
pvr -d app add --platform="\${DOCKER_PLATFORM}" --from="\${PVR_DOCKER_REF}" \${PVR_APP_ADD_EXTRA_ARGS} "\${PVCONT_NAME}"
pvr add .
pvr commit
`;
const exportClass = `
mkdir -p \${B}/pvrrepo
cd \${B}/pvrrepo
if [ -d "\${PVR_SRC_DIR}/.pvr" ]; then
        pvr init
        pvr get \${PVR_SRC_DIR}/.pvr
fi
if [ -d .pvr ]; then
        pvr checkout
else
        cp -rf \${PVR_SRC_DIR}/* .
        pvr init
        pvr add
        pvr commit
fi
if [ -f "_sigs/\${PVCONT_NAME}.json" ]; then
        pvr sig up _sigs/\${PVCONT_NAME}.json
elif [ -d "\${PVCONT_NAME}" ]; then
        pvr sig add -n --part \${PVCONT_NAME}
fi
pvr commit

cp -f \${WORKDIR}/mdev.json \${PVCONT_NAME}/
pvr add \${PVCONT_NAME}/mdev.json
pvr commit
addTo \${PVCONT_NAME}/src.json '{ "args": { "PV_GROUP": "platform" } }'
pvr app install \${PVCONT_NAME}
addTo \${PVCONT_NAME}/src.json '{ "config": { "Cmd": ["/bin/other"] } }'
pvr app install \${PVCONT_NAME}
cp -f \${WORKDIR}/services.json \${PVCONT_NAME}/services.json
pvr app install \${PVCONT_NAME}
pvr add
pvr commit
pvr sig up
pvr commit
pvr export \${DEPLOYDIR}/\${BPN}-\${PV}.pvrexport.tgz
`;

const image = makeImage([makeLayer([{ path: 'bin/app', kind: 'file', content: 'app\n', mode: 0o755 }])]);

describe("meta-pantavisor's classes", () => {
  let folder: string;
  const place = (...names: readonly string[]) => path.join(folder, ...names);
  const json = async (...names: readonly string[]) =>
    JSON.parse(await readFile(place(...names), 'utf8')) as Record<string, unknown>;

  /** @param variables of the class. */
  async function run(script: string, variables: Readonly<Record<string, string>>): Promise<string> {
    const env = {
      PATH: `${place('native')}:${process.env['PATH'] ?? ''}`,
      HOME: place('home'),
      PVR_CONFIG_DIR: place('pvrconfig'),
      PVX_CACHE_DIR: place('cache'),
      WORKDIR: place('work'),
      PVR_SRC_DIR: place('src'),
      ...variables,
    };
    const { stdout } = await promisify(execFile)('bash', ['-ec', `${addTo}\n${script}`], {
      env,
      cwd: folder,
    });
    return stdout;
  }

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'classes-'));
    for (const name of [
      'native',
      'home',
      'work/overlay',
      'state',
      'deploy',
      'rootfs/etc',
      'rootfs/lib/modules',
    ])
      await mkdir(place(name), { recursive: true });
    const cli = path.resolve('dist/cli.js');
    await writeFile(place('native/pvr'), `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`);
    await chmod(place('native/pvr'), 0o755);
    // What the class unpacks from a layer's pvs.defaultkeys.tar.gz.
    await mkdir(place('pvrconfig/pvs'), { recursive: true });
    await copyFile(testFile('rsa.key'), place('pvrconfig/pvs/key.default.pem'));
    await copyFile(testFile('rsa.crt'), place('pvrconfig/pvs/x5c.default.pem'));
    await writeFile(place('rootfs/etc/os-release'), 'ID=yocto\n');
    await writeFile(place('rootfs/lib/modules/left-out'), 'x\n');
    await writeFile(place('work/overlay/conf'), 'set\n');
    await writeFile(place('work/mdev.json'), '{"rules": []}');
    await writeFile(place('work/services.json'), '{"#spec": "service-manifest-xconnect@1", "services": []}');
    await writeFile(place('work/os.args.json'), '{"PV_LXC_CAP_KEEP": ["net_admin"], "PV_ROLES": ["mgmt"]}');
    await writeFile(
      place('work/os.config.json'),
      '{"Entrypoint": ["/sbin/start"], "Volumes": {"/data": {}}}',
    );
    await writeOciLayout(place('layout'), { v1: image });
  });
  after(() => rm(folder, { recursive: true }));

  it('container-pvrexport and image-pvrexport: from a root file system to a signed export', async () => {
    await run(containerClass, {
      ...{ PN: 'os', PVSTATE: place('state'), IMAGE_ROOTFS: place('rootfs'), IMGDEPLOYDIR: place('deploy') },
      ...{ PVR_APP_ADD_GROUP: 'root', PVR_APP_ADD_EXTRA_ARGS: '  --volume ovl:/var:permanent' },
      ...{ PVR_FORMAT_OPTS: '-comp xz', PVR_SIG_ADD_ARGS: '--noconfig --part os' },
    });
    const state = await json('state/.pvr/json');
    assert.deepEqual(
      Object.keys(state).sort(),
      [
        ...['#spec', '_config/os/conf', '_sigs/os.json', 'os/lxc.container.conf', 'os/mdev.json'],
        ...['os/root.squashfs', 'os/root.squashfs.rootfs-digest', 'os/run.json', 'os/src.json'],
      ].sort(),
    );
    const source = await json('state/os/src.json');
    assert.equal(source['rootfs_url'], place('rootfs'));
    assert.equal(source['pv_build_origin'], 'yocto');
    assert.deepEqual(source['docker_config'], { Entrypoint: ['/sbin/start'], Volumes: { '/data': {} } });
    assert.deepEqual(source['persistence'], { 'ovl:/var': 'permanent' });
    assert.deepEqual(source['args'], {
      ...{ PV_GROUP: 'root', PV_LXC_CAP_KEEP: ['net_admin'], PV_ROLES: ['mgmt'] },
    });
    const files = await run('cd state && pvr app files os --base --json', {});
    assert.match(files, /os-release/);
    assert.doesNotMatch(files, /left-out/);
    assert.ok((await readFile(place('deploy/os.pvrexport.tgz'))).length > 0);
  });

  it('pvrexport: from such an export, with other arguments', async () => {
    await mkdir(place('src'));
    await run(fetchOfExport, { PVR_SRC_URI: place('deploy/os.pvrexport.tgz') });
    await run(exportClass, {
      PVCONT_NAME: 'os',
      BPN: 'os',
      PV: '1',
      B: place('build'),
      DEPLOYDIR: place('deploy'),
    });
    const run1 = await json('build/pvrrepo/os/run.json');
    assert.equal(run1['group'], 'platform');
    const conf = await readFile(place('build/pvrrepo/os/lxc.container.conf'), 'utf8');
    assert.match(conf, /^lxc\.init\.cmd = \/sbin\/start "\/bin\/other"$/m);
    assert.ok((await readFile(place('deploy/os-1.pvrexport.tgz'))).length > 0);
  });

  it('pvrexport: from an image', async () => {
    await mkdir(place('src2'));
    const variables = {
      PVR_SRC_DIR: place('src2'),
      ...{ DOCKER_PLATFORM: 'linux/arm64', PVR_DOCKER_REF: 'localhost:1/app:v1', PVCONT_NAME: 'app' },
      PVR_APP_ADD_EXTRA_ARGS: '--group app',
      PVR_SOURCE: `archive:${place('layout')}`,
    };
    await run(fetchOfImage, variables);
    await run(exportClass, {
      ...{ ...variables, BPN: 'pv-app', PV: '1', B: place('build2'), DEPLOYDIR: place('deploy') },
    });
    assert.ok((await readFile(place('deploy/pv-app-1.pvrexport.tgz'))).length > 0);
  });
});
