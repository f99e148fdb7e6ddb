import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  choosePlatform,
  formatPlatform,
  mayNeedMore,
  parsePlatform,
  type Platform,
  requirePlatform,
} from '../../../src/core/image/platform';
import { Problem } from '../../../src/core/problem';
import { inTerminalWords } from '../../../src/core/remedy';

const doing = 'choosing the image of nginx:1.25';
const images = (...platforms: string[]): { platform: Platform | undefined }[] =>
  platforms.map((text) => ({ platform: text === '' ? undefined : parsePlatform(text) }));
const wishes = (...platforms: string[]) => platforms.map(parsePlatform);
const chosen = (available: string[], wanted: string[]) => {
  const { platform } = choosePlatform(images(...available), wishes(...wanted), doing);
  return platform === undefined ? '' : formatPlatform(platform);
};
const problem = (found: RegExp) => (error: unknown) => error instanceof Problem && found.test(error.found);

describe('parsePlatform', () => {
  const normal: Readonly<Record<string, string>> = {
    'linux/amd64': 'linux/amd64',
    'linux/x86_64': 'linux/amd64',
    'linux/amd64/v1': 'linux/amd64',
    'linux/amd64/v3': 'linux/amd64/v3',
    'Linux/AARCH64': 'linux/arm64',
    'linux/arm64/v8': 'linux/arm64',
    'linux/arm64/8': 'linux/arm64',
    'linux/arm64/v9': 'linux/arm64/v9',
    'linux/arm': 'linux/arm',
    'linux/arm/7': 'linux/arm/v7',
    'linux/arm/v6': 'linux/arm/v6',
    armhf: 'linux/arm/v7',
    armel: 'linux/arm/v6',
    arm64: 'linux/arm64',
    'linux/i386': 'linux/386',
    'linux/riscv64': 'linux/riscv64',
    'macos/arm64': 'darwin/arm64',
  };
  for (const [text, expected] of Object.entries(normal)) {
    it(`reads ${text} as ${expected}`, () => {
      assert.equal(formatPlatform(parsePlatform(text)), expected);
    });
  }
  for (const text of ['', 'linux', 'Linux', 'linux/', '/arm', 'linux/arm/v7/x', 'linux/ar m', 'linux,arm']) {
    it(`refuses "${text}" with an example`, () => {
      assert.throws(
        () => parsePlatform(text),
        (error) => error instanceof Problem && inTerminalWords(error.remedy).includes('linux/arm/v7'),
      );
    });
  }
});

describe('choosePlatform', () => {
  const official = ['linux/amd64', 'linux/arm/v5', 'linux/arm/v7', 'linux/arm64/v8', 'unknown/unknown'];

  it('takes the exact variant', () => {
    assert.equal(chosen(official, ['linux/arm/v5']), 'linux/arm/v5');
    assert.equal(chosen(official, ['linux/arm64']), 'linux/arm64');
  });

  it('takes the best variant for a wish without one, not the first of the list', () => {
    assert.equal(chosen(official, ['linux/arm']), 'linux/arm/v7');
    assert.equal(chosen(['linux/arm/v5', 'linux/arm/v6'], ['linux/arm']), 'linux/arm/v6');
  });

  it('falls back to a lower variant, never to a higher one', () => {
    assert.equal(chosen(['linux/arm/v5', 'linux/arm/v6'], ['linux/arm/v7']), 'linux/arm/v6');
    assert.equal(chosen(['linux/amd64', 'linux/amd64/v2'], ['linux/amd64/v3']), 'linux/amd64/v2');
    assert.equal(chosen(['linux/arm64'], ['linux/arm64/v9']), 'linux/arm64');
    assert.throws(
      () => chosen(['linux/arm/v7', 'linux/arm64'], ['linux/arm/v6']),
      problem(/not come for linux\/arm\/v6/),
    );
    assert.throws(() => chosen(['linux/amd64/v3', 'linux/arm64'], ['linux/amd64']), Problem);
  });

  it('takes an arm image without a variant for v7', () => {
    assert.equal(chosen(['linux/arm/v6', 'linux/arm'], ['linux/arm/v7']), 'linux/arm');
    assert.equal(chosen(['linux/arm', 'linux/arm/v7'], ['linux/arm/v7']), 'linux/arm/v7');
  });

  it('follows the order of the wishes, not that of the list', () => {
    assert.equal(chosen(official, ['linux/arm64', 'linux/arm']), 'linux/arm64');
    assert.equal(chosen(official, ['linux/arm', 'linux/arm64']), 'linux/arm/v7');
    assert.equal(chosen(official, ['linux/riscv64', 'linux/arm64']), 'linux/arm64');
  });

  it('says what there is when no wish can be fulfilled', () => {
    assert.throws(
      () => chosen(official, ['linux/riscv64', 'linux/s390x']),
      problem(
        /linux\/riscv64 or linux\/s390x, only for linux\/amd64, linux\/arm\/v5, linux\/arm\/v7, linux\/arm64$/,
      ),
    );
  });

  it('never guesses among several platforms, and says how to choose', () => {
    assert.throws(
      () => chosen(official, []),
      (error) =>
        error instanceof Problem &&
        error.found.includes('linux/amd64, linux/arm/v5') &&
        ['--platform', 'docker_platform', '_hostconfig/pvr/docker.json'].every((way) =>
          inTerminalWords(error.remedy).includes(way),
        ),
    );
  });

  it('needs no wish when there is only one platform, attestations aside', () => {
    assert.equal(chosen(['linux/arm64', 'unknown/unknown'], []), 'linux/arm64');
    assert.equal(chosen(['linux/arm64', 'linux/arm64/v8'], []), 'linux/arm64');
  });

  it('takes a sole image without a platform, whose config must tell', () => {
    assert.equal(chosen([''], ['linux/arm64']), '');
    assert.throws(() => chosen(['', 'linux/amd64'], ['linux/arm64']), problem(/one without a platform/));
  });

  it('keeps to the operating system', () => {
    assert.throws(() => chosen(['windows/amd64'], ['linux/amd64']), problem(/only for windows\/amd64/));
  });

  it('says so when an index lists no image', () => {
    assert.throws(() => chosen([], ['linux/arm']), problem(/lists no image/));
    assert.throws(() => chosen(['unknown/unknown'], []), problem(/lists no image/));
  });
});

describe('requirePlatform', () => {
  it('accepts what runs where a wish runs, and everything without wishes', () => {
    requirePlatform(parsePlatform('linux/amd64'), [], doing);
    requirePlatform(undefined, [], doing);
    requirePlatform(parsePlatform('linux/arm/v6'), wishes('linux/arm64', 'linux/arm/v7'), doing);
    requirePlatform(parsePlatform('linux/arm'), wishes('linux/arm/v6'), doing);
  });

  it('refuses an image for another platform, or for an unknown one', () => {
    assert.throws(
      () => requirePlatform(parsePlatform('linux/amd64'), wishes('linux/arm64'), doing),
      problem(/built for linux\/amd64, and linux\/arm64 is wanted/),
    );
    assert.throws(() => requirePlatform(undefined, wishes('linux/arm64'), doing), problem(/does not say/));
  });
});

describe('an index with artifacts in it', () => {
  it('has one image to choose', () => {
    const [image] = images('linux/amd64');
    const others = images('', 'linux/arm64').map((each) => ({ ...each, isArtifact: true }));
    assert.equal(
      choosePlatform([...others, { platform: image?.platform, isArtifact: false }], [], doing).platform,
      image?.platform,
    );
  });
});

describe('an arm image without a variant', () => {
  it('may need more than v6 has', () => {
    assert.deepEqual(
      ['linux/arm/v5', 'linux/arm/v6', 'linux/arm/v7', 'linux/arm'].map((wish) =>
        mayNeedMore(parsePlatform('linux/arm'), parsePlatform(wish)),
      ),
      [true, true, false, false],
    );
    assert.equal(mayNeedMore(parsePlatform('linux/arm/v6'), parsePlatform('linux/arm/v6')), false);
  });
});

describe('macos alone', () => {
  it('is no platform', () => {
    assert.throws(() => parsePlatform('macos'), Problem);
  });
});
