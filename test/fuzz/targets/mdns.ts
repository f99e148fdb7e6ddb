import { recordsIn } from '../../../src/core/remote/desk/mdns';
import { Heard } from '../../../src/core/remote/desk/scan';
import { mdnsPackets } from '../../desk/mdns-packets';
import type { Target } from '../target';
import { varyBytes } from '../vary-bytes';

/** Whatever anybody in the network says. */
export const target: Target = {
  seeds: () => Promise.resolve(mdnsPackets),
  vary: varyBytes,
  read(input) {
    const heard = new Heard();
    for (let turn = 0; turn < 2; turn += 1) heard.take(recordsIn(input), '%eth0');
    heard.unknown();
    heard.devices();
    return Promise.resolve();
  },
};
