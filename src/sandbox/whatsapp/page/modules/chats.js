import { createWid } from "../ids.js";
import { Collection } from "../model.js";
import {
  Chat,
  Contact,
  contactOf,
  GroupMetadata,
  lidOf,
  loadEarlier,
  Msg,
  me,
  numberOf,
  openChat,
  putPeople,
  wire,
} from "../store.js";

const ProfilePicThumb = new Collection(async (id) => ({
  id,
  img: undefined,
  canSet: () => true,
  canDelete: () => true,
}));

/** Chats, contacts and where they are found. */
export const chatModules = {
  WAWebCollections: {
    Msg,
    Chat,
    Contact,
    GroupMetadata,
    WAWebGroupMetadataCollection: GroupMetadata,
    ProfilePicThumb,
    Blocklist: new Collection(),
    WAWebNewsletterCollection: new Collection(),
  },
  WAWebWidFactory: {
    createWid,
    createWidFromWidLike: createWid,
    asUserWidOrThrow(wid) {
      if (!wid?.isUser()) throw new Error("wid error: not a user");
      return wid;
    },
  },
  WAWebWidToJid: {
    widToGroupJid: (wid) => wid.toJid(),
    widToUserJid: (wid) => wid.toJid(),
  },
  WAWebJidToWid: { userJidToUserWid: createWid },
  WAWebFindChatAction: { findOrCreateLatestChat: async (wid) => ({ chat: await openChat(wid) }) },
  WAWebChatGetters: {
    getIsNewsletter: (chat) => chat.id.isNewsletter(),
    getIsBroadcast: (chat) => chat.id.isBroadcast(),
  },
  WAWebUpdateUnreadChatAction: { sendSeen: async ({ chat }) => chat.set({ unreadCount: 0 }) },
  WAWebChatStateBridge: {
    async sendChatStateComposing() {},
    async sendChatStateRecording() {},
    async sendChatStatePaused() {},
  },
  WAWebChatLoadMessages: { loadEarlierMsgs: ({ chat }) => loadEarlier(chat) },
  WAWebApiContact: {
    getCurrentLid: lidOf,
    getPhoneNumber: numberOf,
    getAlternateUserWid: (wid) => (wid.isLid() ? numberOf(wid) : lidOf(wid)),
  },
  WAWebLidMigrationUtils: { toPn: (wid) => (wid.isLid() ? numberOf(wid) : wid), toLid: lidOf },
  WAWebQueryExistsJob: {
    async queryWidExists(wid) {
      const person = await wire.ask("exists", { id: wid._serialized });
      if (!person) return null;
      putPeople([person]);
      return { wid: createWid(person.id), lid: createWid(person.lid) };
    },
  },
  WAWebContactGetters: {
    getIsMe: ({ id }) => id.equals(me.pn) || id.equals(me.lid),
    getIsUser: ({ id }) => id.isUser(),
    getIsGroup: ({ id }) => id.isGroup(),
    getIsWAContact: ({ id }) => id.isUser(),
    getUserid: ({ id }) => (numberOf(id) ?? id).user,
    getVerifiedName: () => undefined,
    getVerifiedLevel: () => undefined,
    getStatusMute: () => false,
    getName: ({ name }) => name,
    getShortName: ({ name }) => name?.split(" ")[0],
    getPushname: ({ pushname }) => pushname,
    getIsEnterprise: () => false,
  },
  WAWebFrontendContactGetters: { getIsMyContact: () => false },
  WAWebContactStatusBridge: { getStatus: async () => ({ status: "" }), async setMyStatus() {} },
  WAWebContactProfilePicThumbBridge: { requestProfilePicFromServer: async () => undefined },
  WAWebPhoneUtils: { formattedPhoneNumber: (id) => `+${createWid(id).user}` },
  WAWebFindCommonGroupsContactAction: {
    async findCommonGroups(contact) {
      const shared = Chat.getModelsArray().filter((chat) => chat.groupMetadata?.participants.get(contact.id));
      contact.commonGroups = { serialize: () => shared.map(({ id }) => ({ id })) };
      return contactOf(contact.id);
    },
  },
};
