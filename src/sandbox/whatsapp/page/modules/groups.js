import { createWid } from "../ids.js";
import { putChat, putGroup, wire } from "../store.js";

const serial = (id) => createWid(id)._serialized;
const serials = (models) => models.map(({ id }) => id._serialized);

async function change(id, fields) {
  await wire.ask("changeGroup", { group: serial(id), ...fields });
}

/** One person's addition, in the depth in which WhatsApp's servers answer it. */
const addition = ({ code }) => ({
  addParticipantsParticipantAddedOrNonRegisteredWaUserParticipantErrorLidResponseMixinGroup: {
    value: {
      addParticipantsParticipantMixins:
        code === 200
          ? { name: "ParticipantAdded", value: {} }
          : { name: "ParticipantError", value: { error: String(code) } },
    },
  },
});

/** Groups and their members. */
export const groupModules = {
  WAWebGroupCreateJob: {
    async createGroup({ title, announce }, people) {
      const { group, participants } = await wire.ask("createGroup", {
        title,
        announce: Boolean(announce),
        people: people.map(({ phoneNumber }) => phoneNumber._serialized),
      });
      putChat({ id: group.id, title: group.title, group, messages: [] });
      return {
        wid: createWid(group.id),
        subject: group.title,
        participants: participants.map(({ id, type, error }) => ({
          wid: createWid(id),
          type,
          ...(error && { error }),
        })),
      };
    },
  },
  WAWebGroupQueryJob: {
    queryAndUpdateGroupMetadataById: async ({ id }) => putGroup(await wire.ask("group", { id: serial(id) })),
    resetGroupInviteCode: async (wid) => ({ code: await wire.ask("inviteCode", { group: serial(wid), reset: true }) }),
    async queryGroupInvite(code) {
      const { id, title, owner, participants } = await wire.ask("invite", { code });
      return { id: createWid(id), subject: title, owner: owner && createWid(owner), size: participants.length };
    },
  },
  WAWebMexFetchGroupInviteCodeJob: {
    fetchMexGroupInviteCode: async (id) => ({
      code: await wire.ask("inviteCode", { group: serial(id), reset: false }),
    }),
  },
  WAWebGroupInviteJob: {
    joinGroupViaInvite: async (code) => ({ gid: createWid(await wire.ask("join", { code })) }),
  },
  WAWebExitGroupAction: { sendExitGroup: (chat) => wire.ask("exit", { group: chat.id._serialized }) },
  WAWebGroupModifyInfoJob: {
    setGroupSubject: (wid, title) => change(wid, { title }),
    setGroupDescription: (wid, description) => change(wid, { description }),
  },
  WAWebSetPropertyGroupAction: {
    async setGroupProperty(chat, name, value) {
      if (name === "announcement") await change(chat.id, { announce: value === 1 });
      if (name === "restrict") await change(chat.id, { restrict: value === 1 });
    },
  },
  WASmaxGroupsAddParticipantsRPC: {
    async sendAddParticipantsRPC({ participantArgs, iqTo }) {
      const people = participantArgs.map(({ participantJid }) => serial(participantJid));
      const added = await wire.ask("addMembers", { group: serial(iqTo), people });
      return { name: "AddParticipantsResponseSuccess", value: { addParticipant: added.map(addition) } };
    },
  },
  WAWebModifyParticipantsGroupAction: {
    removeParticipants: (chat, people) =>
      wire.ask("removeMembers", { group: chat.id._serialized, people: serials(people) }),
    promoteParticipants: (chat, people) =>
      wire.ask("rankMembers", { group: chat.id._serialized, people: serials(people), isAdmin: true }),
    demoteParticipants: (chat, people) =>
      wire.ask("rankMembers", { group: chat.id._serialized, people: serials(people), isAdmin: false }),
  },
};
