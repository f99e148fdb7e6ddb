/** What the tests inside the extension host are told, as JSON in the variable HOST_TESTS. */
export interface HostTestSettings {
  readonly reportFile: string;
  /** Only tests with this in their titles. */
  readonly only: string;
  /** The checkout in the workspace: `web`, and `shop`, which extends it. */
  readonly checkout: string;
  /** Where their images lie: `localhost:43210`. */
  readonly registry: string;
  /** An OCI layout with the releases that can be pushed there. */
  readonly images: string;
}

/** What they tell when they are done. */
export interface HostReport {
  readonly vscode: string;
  readonly node: string;
  readonly tests: readonly HostTest[];
  /** Numbers for people to read; no test judges them. */
  readonly measured: Readonly<Record<string, string>>;
}

export interface HostTest {
  readonly title: string;
  readonly milliseconds: number;
  /** Why it failed. */
  readonly problem: string | undefined;
}

export function hostTestSettings(): HostTestSettings {
  return JSON.parse(process.env['HOST_TESTS'] ?? '{}') as HostTestSettings;
}
