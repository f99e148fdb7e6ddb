import type { JsonObject } from '../../json/value';
import type { Remote } from '../../remote/remote';
import type { Objection } from './objection';

/** What a revision that is posted to a device itself means for it, beside what it holds. */
export function aboutLeavingHub(remote: Remote, deviceMeta: JsonObject): readonly Objection[] {
  if (remote.place === 'hub') return [];
  const isRemote =
    deviceMeta.get('pantavisor.mode') === 'remote' && deviceMeta.get('pantahub.claimed') === '1';
  if (!isRemote) return [];
  return [
    {
      weight: 'note',
      found: 'the device follows its hub, and does so no more once it runs a revision of its own',
      remedy: 'Send it GO_REMOTE afterwards, if it is to follow the hub again',
    },
  ];
}
