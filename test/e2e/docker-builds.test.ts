import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { Pvx } from '../device-view/pvx';
import { dockerArchive } from '../image-maker/docker-archive';
import type { Image } from '../image-maker/image';
import { startDockerDaemon, type DockerDaemon } from '../integration/docker-daemon';
import { releases } from '../vscode/device';
import { inVSCode } from './in-vscode';

const statusItem = 'pantavisor-checkouts.pantavisor-checkouts.movedImages';
const name = 'team/web:latest';
let daemon: DockerDaemon;

function build(image: Image): Promise<void> {
  return daemon.load(dockerArchive([{ image, names: [name, 'team/spare:1'] }]));
}

before(async () => {
  daemon = await startDockerDaemon();
  await build(releases.web1);
});
after(() => daemon.stop());

inVSCode(
  'Images of the local docker',
  {
    async prepare(device) {
      const checkout = await device.makeCheckout('device');
      const pvx = new Pvx(device.home, { DOCKER_HOST: daemon.host });
      await pvx.run(checkout, 'app', 'add', 'web', '--from', name, '--source', 'local');
      return checkout;
    },
    settings: () => ({ 'pantavisor.dockerHost': daemon.host }),
  },
  (flow) => {
    flow('are noticed when they are built anew, without any check', async ({ workbench }) => {
      await workbench.view('Pantavisor');
      await workbench.row(/^web,.*up to date/).waitFor();
      await build(releases.web2);
      await workbench.statusItem(statusItem).waitFor();
      await workbench.pickFromMenu(workbench.row(/^web,.*image moved/), 'Update as Patch');
      await workbench.notification('web is patched').waitFor();
      await workbench.row(/^web,.*overlay.*up to date/).waitFor();
    });

    flow('are offered where an image is asked for', async ({ workbench }) => {
      await workbench.runCommand('Pantavisor: Add App…');
      const offered = workbench.quickOption(/team\/spare:1/);
      await offered.waitFor();
      assert.match(await offered.innerText(), /MB/);
      await workbench.page.keyboard.press('Escape');
    });
  },
);
