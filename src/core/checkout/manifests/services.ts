import { parseJson } from '../../json/parse';
import { isJsonArray, isJsonObject, type JsonValue } from '../../json/value';
import type { RunManifest } from './run-manifest';

/** The `#spec` of a services.json. */
export const servicesSpec = 'service-manifest-xconnect@1';

/** The bus that Pantavisor itself may offer, so no app needs to (pantavisor dbus_daemon.h, PV_DBUS_SYSTEMBUS_NAME). */
export const hostedBus = 'system-bus';

export interface RequiredService {
  readonly name: string;
  /** In `services.required` of run.json. */
  readonly index: number;
}

/** The services without which a device refuses the revision (pantavisor state.c, pv_state_validate_services). */
export function requiredServices({ document }: RunManifest): readonly RequiredService[] {
  const services = document.get('services');
  const required = isJsonObject(services) ? services.get('required') : undefined;
  if (!isJsonArray(required)) return [];
  return required.flatMap((item, index) => {
    const name = nameOf(item);
    return name === undefined ? [] : [{ name, index }];
  });
}

/** The network pool of device.json that an app's container is in. */
export function networkPool({ document }: RunManifest): string | undefined {
  const network = document.get('network');
  const pool = isJsonObject(network) ? network.get('pool') : undefined;
  return typeof pool === 'string' && pool !== '' ? pool : undefined;
}

/**
 * The names of the services that a services.json offers to other apps (pantavisor parser/parser_system1.c, parse_service_exports): a list,
 * perhaps below `services`. What only owns a name on the hosted bus is none.
 *
 * @param name the file, for messages.
 * @throws Problem when the text is no JSON.
 */
export function exportedServices(text: string, name: string): readonly string[] {
  const document = parseJson(text, name);
  const list = isJsonObject(document) ? document.get('services') : document;
  if (!isJsonArray(list)) return [];
  return list.flatMap((item) => {
    if (!isJsonObject(item) || item.has('owns')) return [];
    return nameOf(item) ?? [];
  });
}

function nameOf(item: JsonValue): string | undefined {
  const name = isJsonObject(item) ? item.get('name') : item;
  return typeof name === 'string' && name !== '' ? name : undefined;
}
