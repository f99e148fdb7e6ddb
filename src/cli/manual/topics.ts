import { exitCode } from '../../core/exit-codes';

/** A page of `pvx help TOPIC`, which the man page has as a section. */
export interface HelpTopic {
  readonly name: string;
  readonly title: string;
  readonly blocks: readonly HelpBlock[];
}

/** A paragraph, terms with what they mean, or lines as they are typed. */
export type HelpBlock =
  | { readonly text: string }
  | { readonly terms: readonly (readonly [term: string, meaning: string])[] }
  | { readonly lines: readonly string[] };

const exitMeanings: Record<keyof typeof exitCode, string> = {
  done: 'done',
  failed:
    'it could not be done, and the checkout is as it was; or it was done, and its result could not be written. With update --all, apps that did not fail are updated',
  usage: 'the command line was not understood; nothing was tried',
  overBudget:
    'it was done, and a weight is over a limit that was set for it (see budgets); a post was not sent',
  defect: 'a defect of this program, please report it; or there was not enough memory',
  interrupted: 'interrupted; the checkout is as it was',
};

/** All topics, in the order of the man page. */
export const helpTopics: readonly HelpTopic[] = [
  {
    name: 'pvr',
    title: 'Coming from pvr',
    blocks: [
      {
        text: "pvx has pvr's verbs, short names, options (also with one dash: -patch), variables and files. It works from any folder of a checkout.",
      },
      {
        text: 'app info prints src.json as pvr does, app ls -q the names alone. A verb that pvr alone has is told where it is.',
      },
    ],
  },
  {
    name: 'references',
    title: 'Images and where they come from',
    blocks: [
      {
        text: 'An image is named as docker does: nginx:1.27, registry.example:5000/team/app:v2, or with a digest, app@sha256:…. Without a registry it is one of Docker Hub, without a tag it is latest.',
      },
      {
        text: '--source says where to look for it, in order, separated by commas. Logins are those of docker login, its credential helpers included, or -u and PVR_REGISTRY_PASSWORD.',
      },
      {
        terms: [
          ['remote', 'its registry'],
          ['local', 'the docker daemon of this machine (DOCKER_HOST)'],
          [
            'archive:PATH',
            'a docker save file or an OCI layout, also compressed; comes last, since all that follows is its path',
          ],
        ],
      },
    ],
  },
  {
    name: 'devices',
    title: 'How devices are named',
    blocks: [
      {
        terms: [
          ['NICK', 'one of yours at the hub, or one that pvx device keep has named'],
          ['USER/NICK, USER/NICK/REVISION', "somebody's, and one of its revisions"],
          ['https://…', 'by its URL at the hub'],
          ['IP[:PORT]', "one that is reached itself, by pvr-sdk's HTTP"],
          ['ssh://[USER@]HOST[:PORT]', 'one that is reached by your own ssh'],
          ['PATH', 'the control socket of one in a container on this machine (also --socket)'],
        ],
      },
      {
        text: 'Behind it, #web,-db names parts: web alone, all but db. Without a device, the one that the checkout came from is meant.',
      },
    ],
  },
  {
    name: 'budgets',
    title: 'Size budgets',
    blocks: [
      {
        text: 'app update, app ls, diff and post hold weights to limits, and end with 4 where one is broken, with a line on stderr for each. An update is made all the same (use --dry-run where it must not be); a post is not sent unless it is forced. There are no limits that nobody has set.',
      },
      {
        terms: [
          ['--max-download SIZE', 'what a device with the last commit downloads in all'],
          ['--max-overlay SIZE', 'what the overlay of each app weighs'],
          ['--max-share PERCENT', 'the same, in percent of its base'],
          ['--max-… APP=AMOUNT', 'for one app, in place of what is for all'],
          ['--junit FILE, --markdown FILE', 'reports of the weights, also without limits'],
        ],
      },
      { text: "Limits for everybody stand in .pvx.json at the checkout's top, which no commit takes in:" },
      {
        lines: [
          '{ "budget": { "maxDownload": "20 MB", "maxShare": "40 %", "apps": { "web": { "maxOverlay": "10 MB" } } } }',
        ],
      },
    ],
  },
  {
    name: 'signatures',
    title: 'Signatures',
    blocks: [
      {
        text: 'pvx sig add --part APP signs an app as it was committed; commit the signature, too. A build makes signatures stale: commit, then pvx sig update, and commit again.',
      },
      {
        text: 'The key comes from --key, PVR_SIG_KEY or ~/.pvr/pvs/key.default.pem, its certificates from --x5c (no: devices have the public key), PVR_X5C_PATH or ~/.pvr/pvs/x5c.default.pem. pvx sig verify says what pvr and a device make of each.',
      },
    ],
  },
  {
    name: 'environment',
    title: 'Environment',
    blocks: [
      {
        terms: [
          ['PVX_CACHE_DIR, PVX_CACHE_LIMIT', 'where downloads are kept, and how much at most (5 GiB)'],
          ['PVX_INSECURE_REGISTRIES', 'registries without TLS, or with any certificate, separated by commas'],
          ['PVR_REGISTRY_USERNAME, PVR_REGISTRY_PASSWORD', "a login at registries, in place of docker's own"],
          [
            'PVR_BASEURL, PVR_REPO_BASEURL',
            'another hub than Pantahub, and where names of repositories lead',
          ],
          ['PVR_ACCESSTOKEN', 'a token of the hub, which is kept nowhere'],
          ['PVR_CONFIG_DIR', "pvr's folder, in place of ~/.pvr"],
          ['PVR_OBJECTS_DIR', 'where new checkouts keep objects'],
          ['PVR_SIG_KEY, PVR_X5C_PATH, PVR_SIG_PUBKEY, PVR_SIG_CACERTS', 'as for pvr: keys and certificates'],
          ['DOCKER_HOST, DOCKER_CONFIG', 'as for docker'],
          ['HTTPS_PROXY, HTTP_PROXY, NO_PROXY', 'the way out'],
          ['PVX_DEBUG', '1: where a defect came from, for a report'],
        ],
      },
      { text: 'pvx app add --help and others name the variables that stand for options.' },
    ],
  },
  {
    name: 'output',
    title: 'Output for programs',
    blocks: [
      {
        text: '--json prints one JSON document on stdout. Progress, notes and warnings go to stderr, a line for each phase where that is no terminal; builds take -q, and --progress json for a JSON document on each line.',
      },
    ],
  },
  {
    name: 'exit-codes',
    title: 'Exit codes',
    blocks: [
      {
        terms: (Object.keys(exitMeanings) as (keyof typeof exitCode)[]).map(
          (name) => [String(exitCode[name]), exitMeanings[name]] as const,
        ),
      },
    ],
  },
];
