import { execFileSync } from 'node:child_process';

const nobody = 65534;

/** Runs `work` as a user to whom `folder` belongs, but who may not do everything: root, as whom tests often run, may. */
export async function withoutRights<T>(folder: string, work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  execFileSync('chown', ['-R', String(nobody), folder]);
  process.seteuid?.(nobody);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

/** Why a test about rights can't run here; false when it can. */
export const hasNoRights = process.platform === 'win32' && 'Windows has no modes';
