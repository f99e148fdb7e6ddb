import type { ExtensionContext, LogOutputChannel } from 'vscode';
import type { BackendClient } from '../backend/client';
import type { Builds } from './builds/builds';
import type { Accounts } from './devices/accounts';
import type { DeviceLogs } from './devices/device-logs';
import type { DevicesTree } from './devices/devices-tree';
import type { DevicesView } from './devices/devices-view';
import type { DevicesModel } from './devices/model/devices-model';
import type { ImageChecks } from './images/image-checks';
import type { MovedNotifications } from './images/moved-notifications';
import type { MutedApps } from './images/muted-apps';
import type { RecentImages } from './images/recent-images';
import type { RegistryLogins } from './images/registry-logins';
import type { Checkouts } from './model/checkouts';
import type { Reviews } from './model/reviews';
import type { ComparisonPages } from './overlay/comparison-pages';
import type { ContentPanels } from './overlay/content-panels';
import type { OverlayPages } from './overlay/overlay-pages';
import type { PostNotifications } from './posting/post-notifications';
import type { Posts } from './posting/posts';
import type { ReviewPages } from './posting/review-pages';
import type { SigningKeys } from './revisions/signing-keys';
import type { SourceControls } from './revisions/source-controls';
import type { AppsView } from './tree/apps-view';

/** The parts of the extension that commands, tasks and tools work with; `activate` makes them. */
export interface Services {
  readonly extension: ExtensionContext;
  readonly log: LogOutputChannel;
  readonly backend: BackendClient;
  readonly checkouts: Checkouts;
  readonly reviews: Reviews;
  readonly images: ImageChecks;
  readonly movedNotifications: MovedNotifications;
  readonly mutedApps: MutedApps;
  readonly recentImages: RecentImages;
  readonly registryLogins: RegistryLogins;
  /** Logins to hubs; see devices/log-in.ts for work that needs one. */
  readonly accounts: Accounts;
  readonly devices: DevicesModel;
  readonly devicesTree: DevicesTree;
  readonly devicesView: DevicesView;
  readonly deviceLogs: DeviceLogs;
  readonly signingKeys: SigningKeys;
  readonly sourceControls: SourceControls;
  readonly builds: Builds;
  readonly contentPanels: ContentPanels;
  readonly overlayPages: OverlayPages;
  readonly comparisonPages: ComparisonPages;
  readonly reviewPages: ReviewPages;
  readonly posts: Posts;
  readonly postNotifications: PostNotifications;
  readonly appsView: AppsView;
}
