import path from 'node:path';
import { type ExtensionContext, Uri, window, workspace } from 'vscode';
import { BackendClient } from './backend/client';
import { Builds } from './ui/builds/builds';
import { registerCommands } from './ui/commands/register-commands';
import { DashboardView } from './ui/dashboard/dashboard-view';
import { Accounts } from './ui/devices/accounts';
import { registerCloneLinks } from './ui/devices/clone-links';
import { DeviceLogs } from './ui/devices/device-logs';
import { registerShellProfile } from './ui/devices/device-shell';
import { devicesAccess } from './ui/devices/devices-access';
import { DevicesTree } from './ui/devices/devices-tree';
import { DevicesView } from './ui/devices/devices-view';
import { MetaDocuments } from './ui/devices/meta-documents';
import { DevicesModel } from './ui/devices/model/devices-model';
import { registerRevisionDocuments } from './ui/devices/revision-documents';
import { ContradictionDiagnostics } from './ui/diagnostics/contradiction-diagnostics';
import { registerQuickFixes } from './ui/diagnostics/quick-fixes';
import { BinaryDocuments } from './ui/files/binary-documents';
import { MountFileSystem } from './ui/files/mount-file-system';
import { CheckSchedule } from './ui/images/check-schedule';
import { DockerBuilds } from './ui/images/docker-builds';
import { ImageChecks } from './ui/images/image-checks';
import { MovedNotifications } from './ui/images/moved-notifications';
import { MutedApps } from './ui/images/muted-apps';
import { RecentImages } from './ui/images/recent-images';
import { RegistryLogins } from './ui/images/registry-logins';
import { affects, backendSettingKeys, backendSettings, readSetting } from './ui/manifest/read-setting';
import { appsViewId, sizesViewId } from './ui/manifest/view-ids';
import { errorText } from './ui/messages/remedy-text';
import { Checkouts } from './ui/model/checkouts';
import { ComparedFiles } from './ui/model/compared-files';
import { OverlayHistory } from './ui/model/overlay-history';
import { Reviews } from './ui/model/reviews';
import { ComparisonPages } from './ui/overlay/comparison-pages';
import { ContentPanels } from './ui/overlay/content-panels';
import { OverlayPages } from './ui/overlay/overlay-pages';
import { SquashfsEditor } from './ui/overlay/squashfs-editor';
import { PostNotifications } from './ui/posting/post-notifications';
import { Posts } from './ui/posting/posts';
import { PostsItem } from './ui/posting/posts-item';
import { Review } from './ui/posting/review';
import { ReviewPages } from './ui/posting/review-pages';
import { CommittedDocuments } from './ui/revisions/committed-documents';
import { SigningKeys } from './ui/revisions/signing-keys';
import { SourceControls } from './ui/revisions/source-controls';
import { UncommittedDecorations } from './ui/revisions/uncommitted-decorations';
import type { Services } from './ui/services';
import { MovedImagesItem } from './ui/status/moved-images-item';
import { UncommittedItem } from './ui/status/uncommitted-item';
import { registerTasks } from './ui/tasks/pantavisor-tasks';
import { registerTools } from './ui/tools/tools';
import { AppsTree } from './ui/tree/apps-tree';
import { AppsView } from './ui/tree/apps-view';
import {
  logBrokenCheckouts,
  watchForCheckouts,
  workspaceAccess,
  workspaceFolders,
} from './ui/workspace-access';

/** Makes the parts and connects them. Nothing is read, asked or started before somebody needs it. */
export function activate(extension: ExtensionContext): void {
  const { subscriptions, workspaceState, globalState } = extension;
  const own = <Part extends { dispose(): unknown }>(part: Part): Part => {
    subscriptions.push(part);
    return part;
  };

  const log = own(window.createOutputChannel('Pantavisor', { log: true }));
  const registryLogins = new RegistryLogins(extension.secrets, globalState);
  const accounts = new Accounts(extension.secrets, globalState);
  const backend = own(
    new BackendClient({
      entry: path.join(extension.extensionPath, 'dist', 'backend.js'),
      settings: backendSettings(),
      credentials: (question) => registryLogins.answer(question),
      hubLogins: accounts,
      askSsh: async (question) => (await import('./ui/devices/ask-ssh')).askSsh(question),
      log: ({ level, message }) => log[level](message),
    }),
  );

  const checkouts = own(new Checkouts(workspaceFolders, workspaceAccess(log)));
  own(watchForCheckouts(checkouts));
  own(logBrokenCheckouts(checkouts, log));
  const images = own(
    new ImageChecks(workspaceState, (checkoutDirectory, apps, signal) =>
      backend.request('checkImages', { checkoutDirectory, apps }, { signal }),
    ),
  );
  const newBaseThreshold = (directory: string) =>
    readSetting('pantavisor.newBaseThreshold', Uri.file(directory));
  const reviews = own(new Reviews(checkouts, images, newBaseThreshold));
  const history = own(new OverlayHistory(workspaceState, checkouts));
  const builds = new Builds();

  const compared = own(
    new ComparedFiles(checkouts, {
      isAllowed: () => workspace.isTrusted,
      hash: ({ checkout, app }, signal) =>
        window.withProgress({ location: { viewId: appsViewId } }, () =>
          backend.request('hashLargeFiles', { checkoutDirectory: checkout, apps: [app] }, { signal }),
        ),
      onFailure: (error) => log.warn(`comparing files with the last commit: ${errorText(error)}`),
    }),
  );
  const tree = own(
    new AppsTree(checkouts, reviews, compared, () => ({
      order: readSetting('pantavisor.sortAppsBy'),
      grouping: readSetting('pantavisor.groupAppsBy'),
    })),
  );
  const appsView = own(new AppsView(checkouts, reviews, tree));
  const overlayFacts = { backend, checkouts, history, newBaseThreshold };
  const mountFiles = own(new MountFileSystem(backend));
  own(new BinaryDocuments(backend));
  const contentPanels = new ContentPanels(extension.extensionUri, backend, log);
  const overlayPages = own(new OverlayPages(contentPanels, overlayFacts, compared));
  const comparisonPages = own(new ComparisonPages(contentPanels, backend, mountFiles));
  own(new SquashfsEditor(contentPanels, backend, mountFiles));
  const dashboard = own(new DashboardView(extension.extensionUri, overlayFacts, log));
  own(window.registerWebviewViewProvider(sizesViewId, dashboard));
  const movedItem = own(
    new MovedImagesItem(reviews, () => readSetting('pantavisor.showMovedImagesInStatusBar')),
  );
  const uncommittedItem = own(
    new UncommittedItem(checkouts, () => readSetting('pantavisor.showChangesInStatusBar')),
  );
  own(new CommittedDocuments(backend, checkouts));
  const decorations = own(
    new UncommittedDecorations(checkouts, () => readSetting('pantavisor.decorateChanges')),
  );
  const sourceControls = own(
    new SourceControls(checkouts, {
      isWanted: () => readSetting('pantavisor.sourceControl'),
      isTrusted: () => workspace.isTrusted,
      isCounted: (directory) => readSetting('pantavisor.countChanges', Uri.file(directory)),
    }),
  );
  const devices = own(
    new DevicesModel(devicesAccess(backend, accounts), globalState, {
      isAllowed: () => workspace.isTrusted,
      interval: () => readSetting('pantavisor.devicesInterval'),
      checkouts: () => checkouts.all.map(({ directory }) => directory),
    }),
  );
  const devicesTree = own(new DevicesTree(devices));
  const devicesView = own(new DevicesView(devices, devicesTree));
  own(accounts.onDidChange(() => devices.isWatched && void devices.refresh()));
  own(checkouts.onDidChangeList(() => devices.isWatched && void devices.readOrigins()));
  const deviceLogs = own(new DeviceLogs(backend));
  own(new MetaDocuments(backend));
  own(registerRevisionDocuments(backend));
  const mutedApps = new MutedApps(workspaceState);
  const movedNotifications = own(
    new MovedNotifications(reviews, mutedApps, workspaceState, () =>
      readSetting('pantavisor.notifyAboutMovedImages'),
    ),
  );
  own(new ContradictionDiagnostics(checkouts, reviews));
  own(registerQuickFixes());

  const schedule = own(
    new CheckSchedule(checkouts, images, {
      interval: () => readSetting('pantavisor.checkInterval'),
      isAllowed: () => workspace.isTrusted,
      onFailure: (error) => log.warn(`checking images: ${errorText(error)}`),
    }),
  );
  const dockerBuilds = own(
    new DockerBuilds(checkouts, images, {
      isWanted: () => workspace.isTrusted && readSetting('pantavisor.watchDockerBuilds'),
      listen: (listener) => backend.subscribe('dockerChanges', {}, listener),
      list: (signal) => backend.request('listDockerImages', {}, { signal }),
      onFailure: (error) => log.warn(`checking images after a docker build: ${errorText(error)}`),
    }),
  );

  const posts = own(
    new Posts(workspaceState, {
      isAllowed: () => workspace.isTrusted,
      listen: (revision, listener) => backend.subscribe('revisionProgress', revision, listener),
    }),
  );
  own(new PostsItem(posts));
  const postNotifications = own(new PostNotifications(posts));
  const reviewPages = own(
    new ReviewPages(extension.extensionUri, (subject, place) => new Review(services, subject, place)),
  );

  const services: Services = {
    extension,
    log,
    backend,
    checkouts,
    reviews,
    images,
    movedNotifications,
    mutedApps,
    recentImages: new RecentImages(globalState),
    registryLogins,
    accounts,
    devices,
    devicesTree,
    devicesView,
    deviceLogs,
    signingKeys: new SigningKeys(extension.secrets),
    sourceControls,
    builds,
    contentPanels,
    overlayPages,
    comparisonPages,
    reviewPages,
    posts,
    postNotifications,
    appsView,
  };
  own(registerCommands(services));
  own(registerTasks(services));
  own(registerTools(services));
  own(registerCloneLinks(services));
  own(registerShellProfile(services));

  own(
    workspace.onDidChangeConfiguration((event) => {
      if (affects(event, ...backendSettingKeys)) backend.configure(backendSettings());
      if (affects(event, 'pantavisor.sortAppsBy', 'pantavisor.groupAppsBy')) tree.changeAll();
      if (affects(event, 'pantavisor.newBaseThreshold')) {
        reviews.settingsChanged();
        overlayPages.settingsChanged();
        dashboard.settingsChanged();
      }
      if (affects(event, 'pantavisor.showMovedImagesInStatusBar')) movedItem.update();
      if (affects(event, 'pantavisor.showChangesInStatusBar')) uncommittedItem.update();
      if (affects(event, 'pantavisor.decorateChanges')) decorations.update();
      if (affects(event, 'pantavisor.sourceControl', 'pantavisor.countChanges'))
        sourceControls.settingsChanged();
      if (affects(event, 'pantavisor.hub', 'pantavisor.devicesInterval') && devices.isWatched)
        void devices.refresh();
      if (affects(event, 'pantavisor.checkInterval')) schedule.plan();
      if (affects(event, 'pantavisor.watchDockerBuilds')) dockerBuilds.update();
      if (affects(event, 'pantavisor.dockerHost')) dockerBuilds.startAnew();
    }),
  );
  own(
    workspace.onDidGrantWorkspaceTrust(() => {
      schedule.plan();
      dockerBuilds.update();
      sourceControls.settingsChanged();
      posts.resume();
    }),
  );
  // Docker may have been started meanwhile.
  own(window.onDidChangeWindowState(({ focused }) => focused && dockerBuilds.update()));
  schedule.plan();
  posts.resume();
}
