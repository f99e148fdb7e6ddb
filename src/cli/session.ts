import path from 'node:path';
import { defaultCacheDirectory } from '../core/image/blob-cache';
import { processEnvironment } from '../core/image/environment';
import { DerivedCache } from '../core/build/derived-cache';
import type { BuildEnvironment } from '../core/build/environment';
import { CodecPool } from '../core/squashfs/codec-pool';
import { findCheckoutFrom } from '../core/checkout/find';
import type { Job } from '../core/job';
import { Terminal } from './terminal';

/** Aborted by the first Ctrl-C; the second one ends the process at once, and the next run tidies up after it. */
export const interruption = new AbortController();

process.once('SIGINT', () => interruption.abort());
process.once('SIGTERM', () => interruption.abort());
