import { fieldsOf, type HubAnswer, type HubRequest, indented, parsed, refusal } from './answer';
import { anonymous, type Tokens } from './tokens';
import type { World } from './world';

/** POST /auth/login: with a nick, an e-mail address or a PRN, of an account or a device. */
export function logIn(world: World, tokens: Tokens, { headers, body }: HubRequest): HubAnswer {
  if ((headers['user-agent'] ?? '') === '') return refusal(403, 'Incompatible Client; upgrade pantavisor');
  if (parsed(body) === undefined) return refusal(400);
  const { username, password } = fieldsOf(body) as { readonly username?: string; readonly password?: string };
  if (username === undefined) return refusal(401);
  if (username === anonymous) return indented({ token: tokens.forAnonymous() });
  const account = [...world.accounts.values()].find((one) =>
    [one.nick, one.email, one.prn].includes(username),
  );
  if (account !== undefined && account.password === password)
    return indented({ token: tokens.forUser(account, username) });
  const device = [...world.devices.values()].find(({ prn }) => prn === username);
  if (device !== undefined && device.secret === password)
    return indented({ token: tokens.forDevice(device, username) });
  return refusal(401);
}
