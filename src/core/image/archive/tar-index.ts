import { readTarMembers, type TarInput, type TarMember } from './tar-members';

interface File<F> {
  readonly kind: 'file';
  readonly stored: F;
}

type Link = TarMember & { kind: 'link' };

/** No writer makes links to links; a ring of them must have an end. */
const mostHops = 8;

/** The files of a tar archive by name; `F` is how one is kept. */
export class TarIndex<F> {
  private constructor(private readonly members: ReadonlyMap<string, File<F> | Link>) {}

  /**
   * @param keep called for each file, with `input` at its content, before the next one is looked for.
   * @throws DamagedStream when `input` is no tar archive.
   */
  static async read<F>(
    input: TarInput,
    keep: (file: TarMember & { kind: 'file' }) => F | Promise<F>,
  ): Promise<TarIndex<F>> {
    const members = new Map<string, File<F> | Link>();
    for await (const member of readTarMembers(input)) {
      members.set(
        member.name,
        member.kind === 'link' ? member : { kind: 'file', stored: await keep(member) },
      );
    }
    return new TarIndex(members);
  }

  /** undefined when there is no file of this name. Links are followed. */
  find(name: string): F | undefined {
    let member = this.members.get(name);
    for (let hops = 0; member?.kind === 'link' && hops < mostHops; hops += 1) {
      member = this.members.get(member.target);
    }
    return member?.kind === 'file' ? member.stored : undefined;
  }

  files(): readonly F[] {
    return [...this.members.values()].flatMap((member) => (member.kind === 'file' ? [member.stored] : []));
  }
}
