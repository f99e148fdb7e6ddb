import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Pvx } from '../../device-view/pvx';
import { temporaryCheckout, temporaryFolder } from '../checkout/temporary-folder';
import { madeByPvr, recordedStates, testFile } from '../revision/recorded';

interface Failed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('pvx sig', () => {
  const { state = '', signature = '' } = madeByPvr['sig-add-rsa-part'] ?? {};
  const file = '_sigs/web.json';
  const unset = ['PVR_SIG_KEY', 'PVR_X5C_PATH', 'PVR_SIG_PUBKEY', 'PVR_SIG_CACERTS', 'PVR_CONFIG_DIR'];
  const pvx = new Pvx(temporaryFolder(), Object.fromEntries(unset.map((name) => [name, ''])));
  let checkout: string;

  /** The state as a checkout, but for its objects: files that are there by their sha256 are gone. */
  function checkoutOf(text: string, more: Readonly<Record<string, string>> = {}): string {
    const inline = Object.entries(JSON.parse(text) as Record<string, unknown>).filter(
      ([, value]) => typeof value === 'object',
    );
    const files = Object.fromEntries(inline.map(([key, value]) => [key, JSON.stringify(value)]));
    return temporaryCheckout({ ...files, ...more, '.pvr/json': text });
  }

  const run = (...args: readonly string[]) => pvx.run(checkout, 'sig', ...args);

  async function failing(...args: readonly string[]): Promise<Failed> {
    let failed: Failed | undefined;
    await assert.rejects(run(...args), (error) => {
      failed = error as Failed;
      return true;
    });
    assert.ok(failed);
    return failed;
  }

  const rsa = ['--key', testFile('rsa.key'), '--x5c', testFile('rsa.crt')];
  const read = (name: string) => readFileSync(path.join(checkout, name), 'utf8');

  it('ls needs nobody to trust where nothing is signed', async () => {
    checkout = temporaryCheckout({ '.pvr/json': '{"#spec":"pantavisor-service-system@1"}' });
    assert.equal((await run('ls')).trim(), '{}');
  });

  it('takes its options before the verb, as pvr wants them, and behind it', async () => {
    checkout = checkoutOf(state);
    // The files that are gone are changes that wait for a commit.
    await run(...rsa, 'add', '--part', 'web', '--force');
    assert.equal(read(file), signature);
    const { stdout } = await pvx.runBoth(
      checkout,
      'sig',
      'add',
      '-p',
      'web',
      ...rsa,
      '--force',
      '--output',
      '-',
    );
    assert.equal(stdout, signature);
  });

  it('refuses to sign what is not as in the last commit', async () => {
    checkout = checkoutOf(state);
    const { code, stderr } = await failing(...rsa, 'add', '--part', 'web');
    assert.equal(code, 1);
    assert.match(
      stderr,
      /web\/root\.squashfs.* not as in the last commit, which is what is signed.*--force/s,
    );
    assert.equal(existsSync(path.join(checkout, file)), false);
  });

  it('refuses what no device takes, and what is nothing', async () => {
    const state = '{"#spec":"s","web/n.json":5,"web/run.json":{}}';
    checkout = checkoutOf(state, { 'web/n.json': '5' });
    const refused = async (pattern: RegExp, ...args: readonly string[]) => {
      const { code, stderr, stdout } = await failing(...rsa, 'add', ...args);
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, pattern);
    };
    await refused(/web\/n\.json holds neither an object, a list nor a text/, '--part', 'web');
    await refused(/matches nothing with \*\*/, '--raw', 'all', '-i', '**');
    await refused(
      /pvr matches web\/run\.json with web\/\{run,x\}\.json/,
      '--part',
      'web',
      '-i',
      '{run,x}.json',
    );
    await refused(/holds nothing that its patterns match/, '--part', 'nosuch');
    await run(...rsa, 'add', '--raw', 'run', '-i', 'web/run.json');
    assert.deepEqual(
      (JSON.parse(await run('--pubkey', testFile('rsa.pub'), 'ls')) as { protected: unknown }).protected,
      ['web/run.json'],
    );
  });

  it('signs with EC keys only where that is forced, and says why', async () => {
    const ec = ['--key', testFile('ec256.key'), '--x5c', testFile('ec256.crt')];
    checkout = checkoutOf('{"#spec":"s","web/run.json":{}}');
    const { stderr } = await failing(...ec, 'add', '--part', 'web');
    assert.match(stderr, /no device verifies signatures of EC keys \(ES256\); use an RSA key/);
    await run(...ec, 'add', '--part', 'web', '--force');
    await run('verify', '--as', 'pvr', '--trust', testFile('ca.crt'));
    const { stdout } = await failing('verify', '--as', 'device', '--trust', testFile('ca.crt'));
    assert.match(stdout, /no device verifies signatures of EC keys/);
  });

  it('lists what pvr lists, and names each signature that it does not verify', async () => {
    checkout = checkoutOf(state, { [file]: signature });
    const listed = JSON.parse(await run('--cacerts', testFile('ca.crt'), 'ls')) as Record<string, string[]>;
    assert.deepEqual(Object.keys(listed), ['protected', 'excluded', 'notseen']);
    assert.deepEqual(listed['excluded'], ['web/src.json']);
    const { code, stdout, stderr } = await failing('--cacerts', testFile('otherca.crt'), 'ls');
    assert.deepEqual([code, stdout], [1, '{}\n']);
    assert.match(
      stderr,
      /! _sigs\/web\.json: refused: the certificate of dev-rsa leads to none that is trusted/,
    );
    const nobody = await failing('ls');
    assert.match(nobody.stderr, /cacerts\.default\.pem: there is no such file.*--cacerts FILE/);
  });

  it('makes a signature anew with its patterns and certificates, and takes another key only with its own', async () => {
    checkout = checkoutOf(state, { [file]: signature });
    await run('update', 'web', '--key', testFile('rsa.key'), '--force');
    assert.equal(read(file), signature);
    const { stderr } = await failing('update', '--key', testFile('rsa-inter.key'), '--force');
    assert.match(stderr, /x5c\.default\.pem: there is no such file.*--x5c FILE/);
    await run('update', '--key', testFile('rsa-inter.key'), '--x5c', testFile('rsa-inter.chain'), '--force');
    await run('verify', '--trust', testFile('ca.crt'));
  });

  it('asks nobody for a passphrase where there is no terminal', async () => {
    checkout = checkoutOf(state);
    const { code, stderr } = await failing('add', '--part', 'web', '--key', testFile('rsa-encrypted.key'));
    assert.equal(code, 1);
    assert.match(stderr, /it is encrypted, and there is no terminal to ask for its passphrase/);
  });

  it('removes a signature', async () => {
    checkout = checkoutOf(state, { [file]: signature });
    await run('rm', 'web');
    assert.equal(existsSync(path.join(checkout, file)), false);
    assert.match((await failing('rm', 'web')).stderr, /there is no _sigs\/web\.json/);
  });

  it('verifies as pvr and as a device, and says of a state that crashes Pantavisor that it is refused', async () => {
    const recorded = (what: string) => recordedStates.find((one) => one.what === what)?.state ?? '';
    const trust = ['--trust', testFile('ca.crt')];
    checkout = checkoutOf(recorded('rsa-x5c'));
    assert.equal(
      await run('verify', ...trust),
      [
        'As pvr:',
        '  _sigs/web.json: verified',
        'As a device, in lenient mode:',
        '  _sigs/web.json: verified',
        '  the state: accepted\n',
      ].join('\n'),
    );
    const strict = await failing('verify', '--as', 'device', '--mode', 'strict', ...trust);
    assert.match(
      strict.stdout,
      /not covered: #spec, db\/.*\n.*refused: State not fully covered by signatures/,
    );
    assert.equal(strict.code, 1);
    const later = await failing('verify', '--at', '2999-01-01', ...trust);
    assert.match(later.stdout, /has expired/);
    checkout = checkoutOf(recorded('string json "[x"'));
    const { code, stdout } = await failing('verify', '--as', 'device', ...trust);
    assert.equal(code, 1);
    assert.match(stdout, /refused: this state crashes Pantavisor \(the text that web\/s\.json holds\)/);
    assert.equal((await failing('verify', '--at', 'tomorrow')).code, 2);
    assert.equal((await failing('add')).code, 2);
  });
});
