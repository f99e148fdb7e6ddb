import { l10n } from 'vscode';
import { checkAppName } from '../../core/checkout/app-name';
import type { Checkout } from '../../core/checkout/checkout';
import { defaultGroupForTemplate, type Group, type Groups } from '../../core/checkout/manifests/groups';
import { describeUnsafeStart, type UnsafeStart } from '../../core/checkout/start-order';
import { formatSize } from '../../core/presentation/size';
import { Problem } from '../../core/problem';
import { capitalized } from '../capitalized';
import { withRemedy } from '../messages/remedy-text';
import { referenceOf } from '../model/image-state';
import { baseGroupOf, groupChoices, unsafeStartOf } from './group-choices';
import { nameOfSource, type NewApp, suggestName } from './new-app';
import { askForText, type Choice, choose } from './questions';
import type { Frame, Outcome, Question } from './run-wizard';

type Answers = Partial<NewApp>;

export function askForBase(checkout: Checkout): Question<NewApp> {
  const bases = checkout.apps.filter(({ base, baseApp }) => base !== undefined && baseApp === undefined);
  return (frame, answers) =>
    choose(frame, {
      placeholder: l10n.t('Which app’s base shall it extend?'),
      choices: bases.map((app) => ({
        label: app.name,
        description: formatSize(app.base?.size ?? 0),
        detail: referenceOf(app) ?? '',
        outcome: answer({ base: app.name }),
      })),
      active: ({ label }) => label === answers.base,
    });
}

export function askForName({ apps }: Checkout): Question<NewApp> {
  const existing = apps.map(({ name }) => name);
  return (frame, answers) =>
    askForText<NewApp>(frame, {
      prompt: l10n.t('A name for the app: it becomes its folder, and its container on the device.'),
      value: answers.name ?? suggestName(nameOfSource(answers), existing),
      validate: (name) => faultOfName(name.trim(), existing),
      answer: (name) => ({ name: name.trim() }),
    });
}

function faultOfName(name: string, existing: readonly string[]): string | undefined {
  try {
    checkAppName(name, existing);
    return undefined;
  } catch (problem) {
    if (problem instanceof Problem) return capitalized(withRemedy(problem));
    throw problem;
  }
}

/** @param nameQuestion where another name can be chosen. */
export function askForGroup(checkout: Checkout, nameQuestion: number): Question<NewApp> {
  const { groups } = checkout;
  const fallback = defaultGroupForTemplate(groups);
  return (frame, answers) => {
    const { name, base } = answers;
    if (name !== undefined && base !== undefined) {
      return askForGroupOf({ name, base }, checkout, nameQuestion, frame, answers);
    }
    const choices: Choice<NewApp>[] = groups.list.map((group) => ({
      label: group.name,
      description: settingsOf(group),
      outcome: answer({ group: group.name }),
    }));
    const none = {
      label: l10n.t('Default'),
      description: fallback ?? l10n.t('what the device takes for an app that names none'),
      outcome: answer({ group: undefined }),
    };
    return choose(frame, {
      placeholder: l10n.t('Which group does it start with?'),
      choices: [none, ...choices],
      active: ({ label }) => label === answers.group,
    });
  };
}

/** An extension must not start before its base; where the last group doesn't see to that, a person says what does. */
function askForGroupOf(
  extending: { readonly name: string; readonly base: string },
  checkout: Checkout,
  nameQuestion: number,
  frame: Frame,
  answers: Answers,
): Promise<Outcome<NewApp>> {
  const { name, base } = extending;
  const offered = groupChoices(checkout, extending);
  const choices = offered.map((choice): Choice<NewApp> => {
    switch (choice.kind) {
      case 'group':
        return {
          label: choice.group.name,
          description:
            choice.verdict === 'race'
              ? `$(warning) ${l10n.t('may start before {0}', base)}`
              : settingsOf(choice.group),
          outcome: answer({ group: choice.group.name, baseMove: undefined }),
        };
      case 'moveBase':
        return {
          label: l10n.t('Put {0} into the group {1}', base, choice.to.name),
          description: choice.to.reboots ? l10n.t('its updates will reboot the device') : '',
          outcome: answer({ group: choice.group.name, baseMove: { app: base, group: choice.to.name } }),
        };
      case 'rename':
        return {
          label: l10n.t('Choose another name'),
          description: l10n.t('one that sorts after {0}', base),
          outcome: { kind: 'change', question: nameQuestion },
        };
    }
  });
  const isSafe = offered[0]?.kind === 'group';
  return choose(frame, {
    placeholder: isSafe
      ? l10n.t('Which group does it start with?')
      : l10n.t('{0} may start before {1}, which it extends. How shall that be avoided?', name, base),
    choices,
    active: ({ outcome }) =>
      outcome.kind === 'answer' &&
      outcome.answers.group === answers.group &&
      outcome.answers.baseMove?.group === baseGroupOf(answers),
  });
}

function settingsOf({ statusGoal, restartPolicy }: Group): string {
  return [statusGoal, restartPolicy].filter(Boolean).join(' · ');
}

export function askForStatusGoal({ groups }: Checkout): Question<NewApp> {
  return (frame, answers) => {
    const ofGroup = groupOf(answers, groups)?.statusGoal;
    return choose(frame, {
      placeholder: l10n.t('What must it reach to count as up?'),
      choices: [
        asTheGroup(ofGroup, { statusGoal: undefined }),
        goal('MOUNTED', l10n.t('its volumes are mounted, and nothing is started')),
        goal('STARTED', l10n.t('its container runs')),
        goal('READY', l10n.t('it says itself that it is ready')),
      ],
      active: ({ label }) => label === answers.statusGoal,
    });
  };
}

export function askForRestartPolicy({ groups }: Checkout): Question<NewApp> {
  return (frame, answers) => {
    const ofGroup = groupOf(answers, groups)?.restartPolicy;
    return choose(frame, {
      placeholder: l10n.t('What shall an update of it restart?'),
      choices: [
        asTheGroup(ofGroup, { restartPolicy: undefined }),
        policy('container', l10n.t('only its container')),
        policy('system', l10n.t('the whole device')),
      ],
      active: ({ label }) => label === answers.restartPolicy,
    });
  };
}

/** The one that it will be in, as far as the checkout says. */
function groupOf({ group }: Answers, groups: Groups): Group | undefined {
  const wanted = group ?? defaultGroupForTemplate(groups);
  return groups.list.find(({ name }) => name === wanted);
}

/** The last one: everything at a glance, and each line a way back to its question. */
export function askToConfirm(checkout: Checkout, hasBaseQuestion: boolean): Question<NewApp> {
  return (frame: Frame, answers: Answers): Promise<Outcome<NewApp>> => {
    const byGroup = l10n.t('as its group');
    const { base } = answers;
    const move = baseGroupOf(answers);
    const group = answers.group ?? l10n.t('default');
    const lines: readonly (readonly [string, string | undefined])[] = [
      ...(hasBaseQuestion ? [[l10n.t('Extends'), answers.base] as const] : []),
      [sourceLabel(answers), [answers.reference, answers.platform].filter(Boolean).join(' · ')],
      [l10n.t('Name'), answers.name],
      [
        l10n.t('Group'),
        base === undefined || move === undefined ? group : l10n.t('{0}, and {1} into {2}', group, base, move),
      ],
      [l10n.t('Status goal'), answers.statusGoal ?? byGroup],
      [l10n.t('Restart policy'), answers.restartPolicy ?? byGroup],
    ];
    const create: Choice<NewApp> = {
      label: `$(check) ${answers.base === undefined ? l10n.t('Add {0}', answers.name ?? '') : l10n.t('Create {0} over {1}', answers.name ?? '', answers.base)}`,
      outcome: answer({}),
    };
    const unsafe = unsafeStartOf(checkout, answers);
    const warnings = unsafe === undefined ? [] : [warningOf(unsafe, hasBaseQuestion ? 3 : 2)];
    const changes = lines.map(([label, value], question): Choice<NewApp> => ({
      label: `$(edit) ${label}`,
      description: value ?? '',
      outcome: { kind: 'change', question },
    }));
    return choose(frame, {
      placeholder: l10n.t('Is everything right? Choose a line to change it.'),
      choices: [...warnings, ...(unsafe?.verdict === 'never' ? [] : [create]), ...changes],
    });
  };
}

function sourceLabel({ type = 'docker' }: Answers): string {
  switch (type) {
    case 'docker':
      return l10n.t('Image');
    case 'rootfs':
      return l10n.t('Root file system');
    case 'pvr':
      return l10n.t('Made from');
  }
}

/** Of an answer that was another one when the group was asked for. */
function warningOf(unsafe: UnsafeStart, groupQuestion: number): Choice<NewApp> {
  return {
    label: `$(warning) ${l10n.t('Choose another group')}`,
    detail: capitalized(describeUnsafeStart(unsafe), unsafe.name),
    outcome: { kind: 'change', question: groupQuestion },
  };
}

function answer(answers: Answers): Outcome<NewApp> {
  return { kind: 'answer', answers };
}

function asTheGroup(value: string | undefined, answers: Answers): Choice<NewApp> {
  return {
    label: l10n.t('As its group'),
    description: value ?? '',
    outcome: answer(answers),
  };
}

function goal(statusGoal: string, description: string): Choice<NewApp> {
  return { label: statusGoal, description, outcome: answer({ statusGoal }) };
}

function policy(restartPolicy: string, description: string): Choice<NewApp> {
  return { label: restartPolicy, description, outcome: answer({ restartPolicy }) };
}
