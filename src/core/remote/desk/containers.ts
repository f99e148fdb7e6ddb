import type { Job } from '../../job';
import { stringifyCompact } from '../../json/indented';
import { isJsonArray, type JsonObject } from '../../json/value';
import { numberOf, objectOf, objectsIn, textOf } from '../fields';
import type { Container, ContainerAction, Containers } from '../remote';
import type { PvCtrl } from './pv-ctrl';

/** The containers of a device, as its control socket has them (local-device, 3.3). */
export function containersOf(ctrl: PvCtrl): Containers {
  return {
    async list(job: Job): Promise<readonly Container[]> {
      const doing = `listing the containers of ${ctrl.way.name}`;
      return objectsIn(await ctrl.json({ path: '/containers', doing }, job)).map(containerOf);
    },
    async act(name: string, action: ContainerAction, job: Job): Promise<void> {
      const doing = `having ${ctrl.way.name} ${action} ${name}`;
      const body = stringifyCompact(new Map([['action', action]]));
      await ctrl.call({ method: 'PUT', path: `/containers/${encodeURIComponent(name)}`, body, doing }, job);
    },
  };
}

function containerOf(document: JsonObject): Container {
  const recovery = objectOf(document, 'auto_recovery');
  const roles = document.get('roles');
  return {
    name: textOf(document, 'name'),
    group: textOf(document, 'group'),
    status: textOf(document, 'status'),
    goal: textOf(document, 'status_goal'),
    restartPolicy: textOf(document, 'restart_policy') === 'container' ? 'container' : 'system',
    roles: isJsonArray(roles) ? roles.filter((role) => typeof role === 'string') : [],
    isStopped: isTrue(document, 'user_stopped'),
    recovery:
      recovery.size === 0
        ? undefined
        : {
            retries: numberOf(recovery, 'current_retries'),
            maxRetries: numberOf(recovery, 'max_retries'),
            isStable: isTrue(recovery, 'is_stable'),
          },
  };
}

/** Pantavisor says it as a string. */
function isTrue(document: JsonObject, key: string): boolean {
  const value = document.get(key);
  return value === true || value === 'true';
}
