import type { Faults } from "./faults.ts";
import type { Groups } from "./groups.ts";
import { Refusal } from "./pages.ts";
import type { Says } from "./wire.ts";
import type { WireForm } from "./wire-form.ts";
import { createInviteCode, type Group, type Rank, type World } from "./world.ts";

interface GroupAnswersDeps {
  world: World;
  form: WireForm;
  faults: Faults;
  groups: Groups;
}

/** What the page asks about people, chats and groups. */
export function createGroupAnswers({ world, form, faults, groups }: GroupAnswersDeps) {
  /** WhatsApp's codes for one person who is to be added. */
  const codeOf = (id: string, group: Group | null): number => {
    if (!world.person(id)) return 404;
    if (group?.members.has(id)) return 409;
    return faults.take(["group-full"], group?.id) || (group && groups.isFull(group)) ? 419 : 200;
  };
  const byCode = (code: string): Group => {
    const group = world.groups().find(({ inviteCode }) => inviteCode === code);
    if (!group) throw new Refusal("item-not-found", "ServerStatusCodeError");
    return group;
  };
  const eachOf = (say: { people: string[] }, action: (person: string) => void): void => {
    for (const person of say.people) action(world.resolve(person));
  };

  return {
    exists(say: Says<"exists">) {
      const person = world.person(say.id);
      return person ? form.person(person) : null;
    },

    openChat(say: Says<"openChat">) {
      const id = world.resolve(say.id);
      if (id.endsWith("@g.us")) return world.isOpen(id) ? form.chat(id) : null;
      if (!world.person(id)) throw new Refusal("No LID for user");
      return form.chat(id);
    },

    group: (say: Says<"group">) => form.group(groups.groupOf(say.id)),

    createGroup(say: Says<"createGroup">) {
      const members = new Map<string, Rank>([[world.me.id, "owner"]]);
      const people = say.people.map(world.resolve).map((id) => ({ id, code: codeOf(id, null) }));
      for (const { id, code } of people) if (code === 200) members.set(id, "member");
      const group = world.addGroup({ title: say.title, announce: say.announce, members });
      world.write({ chat: group.id, author: null, notice: { subtype: "create", recipients: [] } });
      return {
        group: form.group(group),
        participants: [
          { id: world.me.id, type: "superadmin", error: null },
          ...people.map(({ id, code }) => ({
            id: form.personId(id),
            type: "participant",
            error: code === 200 ? null : code,
          })),
        ],
      };
    },

    addMembers(say: Says<"addMembers">) {
      const group = groups.groupOf(say.group);
      groups.mustRule(group);
      return say.people.map(world.resolve).map((id) => {
        const code = codeOf(id, group);
        if (code === 200) groups.enter(group.id, id, null);
        return { id: form.personId(id), code };
      });
    },

    removeMembers(say: Says<"removeMembers">) {
      groups.mustRule(groups.groupOf(say.group));
      eachOf(say, (person) => groups.leave(say.group, person, null));
    },

    rankMembers(say: Says<"rankMembers">) {
      groups.mustRule(groups.groupOf(say.group));
      eachOf(say, (person) => groups.rank(say.group, person, say.isAdmin, null));
    },

    changeGroup({ group, kind: _, ...change }: Says<"changeGroup">) {
      groups.mustRule(groups.groupOf(group));
      groups.change(
        group,
        {
          ...(change.title !== undefined && { title: change.title }),
          ...(change.description !== undefined && { description: change.description }),
          ...(change.announce !== undefined && { announce: change.announce }),
          ...(change.restrict !== undefined && { restrict: change.restrict }),
        },
        null,
      );
    },

    inviteCode(say: Says<"inviteCode">) {
      const group = groups.groupOf(say.group);
      groups.mustRule(group);
      if (say.reset) group.inviteCode = createInviteCode();
      return group.inviteCode;
    },

    invite: (say: Says<"invite">) => form.group(byCode(say.code)),

    join(say: Says<"join">) {
      const group = byCode(say.code);
      if (faults.take(["group-full"], group.id) || groups.isFull(group)) {
        throw new Refusal("resource-limit", "ServerStatusCodeError");
      }
      groups.enter(group.id, world.me.id, null, "invite");
      return group.id;
    },

    exit: (say: Says<"exit">) => groups.leave(say.group, world.me.id),
  };
}
