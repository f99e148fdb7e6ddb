import { sha256 } from '../../unit/revision/revisions';
import type { CheckoutFiles } from './checkouts';

const spec = '"#spec":"pantavisor-service-system@1"';
const empty = sha256('');

const sound: CheckoutFiles = {
  '.pvr/json': `{${spec},"_sigs/web.json":{"#spec":"pvs@2","protected":"e30","signature":"AA"},"gone/x":"${empty}","web/conf":"${sha256('conf')}","web/raw.json":"${sha256('{}')}","web/run.json":{"a":[1.5E0,{"b":"x"}],"name":"web"}}`,
  '.pvr/new': `{"new/run.json":{"ForceObject":false,"Sha":"${empty}"},"new/raw.json":{"ForceObject":true,"Sha":"${empty}"},"nowhere":{}}`,
  '.pvr/commitmsg': 'last',
  [`.pvr/objects/${sha256('conf')}`]: 'conf',
  [`.pvr/objects/${empty}`]: '',
  [`.pvr/objects/${sha256('{}')}`]: '{}',
  '_sigs/web.json': '{"#spec":"pvs@2","protected":"e30","signature":"AA"}',
  'web/conf': 'edited',
  'web/raw.json': '{}',
  'web/run.json': '{ "name": "web", "a": [1.50, {"b": "x"}] }',
  'new/run.json': '{"n":[0,-0.0,1e-7,1e21,"\\u2028</>"]}',
  'new/raw.json': 'not json',
  'note.txt': 'nobody adds this',
};

/** States, lists of new files and documents that somebody may have made to do harm, or by accident. */
export const hostileRevisions: Readonly<Record<string, CheckoutFiles>> = {
  sound,
  'a key that leads out': { ...sound, '.pvr/json': `{${spec},"../outside":"${empty}"}` },
  'a key that leads out, in another way': {
    ...sound,
    '.pvr/json': `{${spec},"web/../../outside":"${empty}"}`,
  },
  'an absolute key': { ...sound, '.pvr/json': `{${spec},"/tmp/x":"${empty}"}` },
  'a key of pvr’s own': { ...sound, '.pvr/json': `{${spec},".pvr/config":"${empty}"}` },
  'a key with a NUL': { ...sound, '.pvr/json': `{${spec},"web/a\\u0000b":"${empty}"}` },
  'a new file that leads out': { ...sound, '.pvr/new': '{"../outside":{}}' },
  'a file below a file': { ...sound, '.pvr/json': `{${spec},"web":"${empty}","web/conf":"${empty}"}` },
  'an object that leads out': { ...sound, '.pvr/json': `{${spec},"web/conf":"../../outside"}` },
  'what is no object': { ...sound, '.pvr/json': `{${spec},"web/conf":{"a":1},"web/x":null,"web/y":[]}` },
  'the names of prototypes': {
    ...sound,
    '.pvr/json': `{${spec},"__proto__":"${empty}","constructor":"${empty}","web/toString.json":{"__proto__":{"x":1},"hasOwnProperty":2}}`,
    'web/toString.json': '{"__proto__":{"x":2}}',
  },
  'documents of all kinds': {
    ...sound,
    '.pvr/new': '{"a.json":{},"b.json":{},"c.json":{},"d.json":{},"e.json":{},"f.json":{}}',
    'a.json': 'null',
    'b.json': '[null,{"a":null}]',
    'c.json': '9007199254740993',
    'd.json': `"${empty}"`,
    'e.json': '\ufeff{}',
    'f.json': '{"a":1,"a":2}',
  },
  'much depth': { ...sound, 'web/run.json': `${'['.repeat(2000)}${']'.repeat(2000)}` },
  'a file named as the kind of state': { ...sound, '#spec': 'x', '.pvr/new': '{"#spec":{}}' },
  'objects somewhere else': { ...sound, '.pvr/config': '{"ObjectsDir":"web"}' },
  'no object': { '.pvr/json': `{${spec},"web/x":"${sha256('missing')}"}` },
  'no state': { '.pvr/json': '[]', '.pvr/new': 'null' },
};
