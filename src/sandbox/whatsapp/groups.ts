import { Refusal } from "./pages.ts";
import type { Group, Rank, World } from "./world.ts";

/** WhatsApp's own limit. */
const largestGroup = 1024;

export type GroupChange = { title?: string; description?: string; announce?: boolean; restrict?: boolean };

/** Who comes, goes and rules in groups; `by` is null for Crier. Every change leaves its notice in the chat. */
export type Groups = ReturnType<typeof createGroups>;

export function createGroups(world: World) {
  const groupOf = (id: string): Group => {
    const group = world.group(id);
    if (!group) throw new Refusal("item-not-found", "ServerStatusCodeError");
    return group;
  };
  const anyAdmin = (group: Group): string | null =>
    [...group.members].find(([id, rank]) => rank !== "member" && id !== world.me.id)?.[0] ?? null;
  const asAuthor = (id: string): string | null => (id === world.me.id ? null : id);

  const groups = {
    groupOf,

    rankOf: (group: Group, person: string): Rank | null => group.members.get(person) ?? null,

    /** As Crier: only an admin may. */
    mustRule(group: Group): void {
      const rank = group.members.get(world.me.id);
      if (!rank || rank === "member") throw new Refusal("forbidden", "ServerStatusCodeError");
    },

    isFull: (group: Group): boolean => group.members.size >= largestGroup,

    /** `how` is `invite` for who came by the group's link. */
    enter(id: string, person: string, by?: string | null, how: "add" | "invite" = "add"): void {
      const group = groupOf(id);
      if (group.members.has(person)) return;
      const enter = (): void => void group.members.set(person, "member");
      const author = how === "invite" ? asAuthor(person) : by === undefined ? anyAdmin(group) : by;
      world.changeGroup(group, enter, author, { subtype: how, recipients: [person] });
    },

    /** With `by` someone else removes; without, the person leaves. */
    leave(id: string, person: string, by?: string | null): void {
      const group = groupOf(id);
      if (!group.members.has(person)) return;
      const leave = (): void => void group.members.delete(person);
      const isOwnWill = by === undefined || by === asAuthor(person);
      world.changeGroup(group, leave, isOwnWill ? asAuthor(person) : by, {
        subtype: isOwnWill ? "leave" : "remove",
        recipients: [person],
      });
    },

    rank(id: string, person: string, isAdmin: boolean, by: string | null): void {
      const group = groupOf(id);
      const rank = group.members.get(person);
      if (!rank || rank === "owner" || (rank === "admin") === isAdmin) return;
      const change = (): void => void group.members.set(person, isAdmin ? "admin" : "member");
      world.changeGroup(group, change, by, { subtype: isAdmin ? "promote" : "demote", recipients: [person] });
    },

    change(id: string, change: GroupChange, by?: string | null): void {
      const group = groupOf(id);
      const subtypes = { title: "subject", description: "description", announce: "announce", restrict: "restrict" };
      for (const [name, subtype] of Object.entries(subtypes)) {
        const value = change[name as keyof GroupChange];
        if (value === undefined) continue;
        const author = by === undefined ? anyAdmin(group) : by;
        world.changeGroup(group, () => Object.assign(group, { [name]: value }), author, { subtype, recipients: [] });
      }
    },
  };
  return groups;
}
