import path from 'node:path';
import {
  CustomExecution,
  l10n,
  Task,
  TaskGroup,
  tasks,
  TaskScope,
  workspace,
  type TaskProvider,
  type WorkspaceFolder,
} from 'vscode';
import { exitCode } from '../../core/exit-codes';
import { taskType } from '../manifest/view-ids';
import type { CheckoutModel } from '../model/checkout-model';
import type { Disposable } from '../model/event';
import type { Services } from '../services';
import {
  readTaskDefinition,
  type TaskAction,
  taskActions,
  type TaskDefinition,
  type TaskFault,
} from './task-definition';
import { LastWords } from './last-words';
import { TaskTerminal } from './task-terminal';

/** Patches, new bases and checks as tasks: for tasks.json, for keys, for a terminal that keeps what was said. */
export function registerTasks(services: Services): Disposable {
  return tasks.registerTaskProvider(taskType, new PantavisorTasks(services));
}

class PantavisorTasks implements TaskProvider {
  readonly #services: Services;

  constructor(services: Services) {
    this.#services = services;
  }

  async provideTasks(): Promise<Task[]> {
    const { checkouts } = this.#services;
    const models = await checkouts.find();
    await Promise.all(models.map((model) => model.read()));
    return models.flatMap((model) => {
      const folder = workspace.workspaceFolders?.find(({ uri }) => isIn(model.directory, uri.fsPath));
      if (folder === undefined) return [];
      const below = path.relative(folder.uri.fsPath, model.directory).split(path.sep).join('/');
      const checkout = below === '' ? undefined : below;
      return tasksOf(model).map((task) => this.#taskFor({ ...task, checkout }, folder));
    });
  }

  resolveTask(task: Task): Task {
    const definition = readTaskDefinition(task.definition);
    const folder = typeof task.scope === 'object' ? task.scope : undefined;
    // Without an answer VS Code says that there is no provider.
    if ('not' in definition) return faultyTask(task, definition);
    const resolved = this.#taskFor(definition, folder);
    // VS Code recognizes the task by the definition that it was given.
    resolved.definition = task.definition;
    return resolved;
  }

  #taskFor(definition: TaskDefinition, folder: WorkspaceFolder | undefined): Task {
    const { action, app, checkout, message, file, device } = definition;
    const written = {
      type: taskType,
      action,
      ...(app && { app }),
      ...(checkout && { checkout }),
      ...(message && { message }),
      ...(file && { file }),
      ...(device && { device }),
    };
    const name = [taskName(action), app, device, checkout && `(${checkout})`].filter(Boolean).join(' ');
    const execution = new CustomExecution(() =>
      Promise.resolve(new TaskTerminal(this.#services, definition, folder)),
    );
    const task = new Task(written, folder ?? TaskScope.Workspace, name, taskType, execution, []);
    if (action === 'patch' || action === 'newbase') task.group = TaskGroup.Build;
    return task;
  }
}

/** Says what is wrong with it, and ends as a command with wrong arguments does. */
function faultyTask({ definition, scope, name }: Task, fault: TaskFault): Task {
  const execution = new CustomExecution(() =>
    Promise.resolve(new LastWords(faultText(fault), exitCode.usage)),
  );
  return new Task(definition, scope ?? TaskScope.Workspace, name, taskType, execution, []);
}

function faultText({ not, member }: TaskFault): string {
  switch (not) {
    case 'text':
      return l10n.t('In tasks.json, "{0}" of this task is no text.', member);
    case 'given':
      return l10n.t('In tasks.json, this task has no "{0}".', member);
    case 'known':
      return l10n.t(
        'In tasks.json, nobody knows the "{0}" of this task. There are: {1}.',
        member,
        taskActions.join(', '),
      );
  }
}

function tasksOf({ name, apps }: CheckoutModel): readonly Omit<TaskDefinition, 'checkout'>[] {
  const ofDocker = apps.filter(({ source }) => source.kind === 'docker');
  return [
    ...(ofDocker.length > 0 ? [{ action: 'check', app: undefined } as const] : []),
    ...ofDocker.map(({ name }) => ({ action: 'patch', app: name }) as const),
    ...ofDocker
      .filter(({ baseApp }) => baseApp === undefined)
      .map(({ name }) => ({ action: 'newbase', app: name }) as const),
    { action: 'commit', app: undefined },
    { action: 'post', app: undefined },
    { action: 'watch', app: undefined },
    { action: 'export', app: undefined, file: `${name.replaceAll(/[\\/]/g, '-')}.tgz` },
  ];
}

function taskName(action: TaskAction): string {
  switch (action) {
    case 'patch':
      return l10n.t('update as patch');
    case 'newbase':
      return l10n.t('build new base');
    case 'check':
      return l10n.t('check images');
    case 'commit':
      return l10n.t('commit');
    case 'post':
      return l10n.t('post the last commit');
    case 'export':
      return l10n.t('export the last commit');
    case 'watch':
      return l10n.t('watch the device');
  }
}

function isIn(directory: string, folder: string): boolean {
  return directory === folder || directory.startsWith(folder + path.sep);
}
