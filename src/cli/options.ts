import { Option } from 'commander';

/** Options that several commands share; each call makes a new one, since commander ties an option to its command. */
export const option = {
  json: () => new Option('--json', 'print one JSON document instead of text'),
  canonical: () => new Option('-c, --canonical', 'JSON in canonical form'),
};
