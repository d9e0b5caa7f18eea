import { Cmd } from "../account.js";
import { MsgKey } from "../ids.js";
import { findLink, findLinks } from "../links.js";
import { Chat, Msg, MsgModel, place, toOffer, toPreview, wire } from "../store.js";

/** WhatsApp's own windows: it offers no edit and no deletion for everyone after them. */
const editWindowS = 15 * 60;
const revokeWindowS = 48 * 3600;

const isOurs = (msg, type, withinS) =>
  msg.id.fromMe && type(msg.type) && msg.ack > 0 && Date.now() / 1000 - msg.t < withinS;

/**
 * Two promises, as WhatsApp's own: the message stands in the chat, and the servers took it. A message that was not
 * taken has ack -1, and no promise rejects.
 */
function addAndSend(chat, message) {
  const { mediaBlob, mediaObject, ...fields } = message;
  const model = new MsgModel(fields);
  const added = wire.ask("offer", toOffer(model)).then(({ isFound }) => {
    if (isFound) place(model, chat);
    else setTimeout(place, 50, model, chat);
  });
  const sent = added
    .then(() => wire.ask("commit", { id: model.id.id }))
    .then(({ ack, t }) => {
      model.set({ ack: Math.max(model.ack, ack) || ack, ...(t && { t }) });
      return { messageSendResult: ack < 0 ? "ERROR_UNKNOWN" : "OK", t };
    });
  // Whoever does not wait for it is not told of its failure.
  sent.catch(() => {});
  return [added, sent];
}

Cmd.sendRevokeMsgs = async (_chat, { list }) => {
  await wire.ask("revoke", { ids: list.map((msg) => msg.id._serialized) });
};
/** Only here: the others keep the message. */
Cmd.sendDeleteMsgs = async (chat, { list }) => {
  for (const msg of list) {
    chat.msgs.remove(msg);
    Msg.remove(msg);
  }
};

export const messageModules = {
  WAWebMsgKey: MsgKey,
  WALinkify: { findLink, findLinks },
  WAWebSendMsgChatAction: { addAndSendMsgToChat: addAndSend },
  WAWebGetEphemeralFieldsMsgActionsUtils: { getEphemeralFields: () => ({}) },
  WAWebLinkPreviewChatAction: {
    async getLinkPreview({ href }) {
      const found = await wire.ask("preview", { link: href });
      if (!found) return null;
      const { link, title, description } = found;
      return { data: { title, description, canonicalUrl: link, matchedText: link, richPreviewType: 0 } };
    },
  },
  WAWebMsgReply: { canReplyMsg: (msg) => msg.type !== "revoked" && !msg.isNotification },
  WAWebQuotedMsgModelUtils: {
    getQuotedMsgObj(msg) {
      const quoted = Msg.getModelsArray().find(({ id }) => id.id === msg.quotedStanzaID);
      return quoted ?? new MsgModel({ ...msg.quotedMsg, id: { id: msg.quotedStanzaID, remote: msg.id.remote } });
    },
  },
  WAWebMsgActionCapability: {
    canEditText: (msg) => isOurs(msg, (type) => type === "chat", editWindowS),
    canEditCaption: (msg) => isOurs(msg, (type) => type === "image" || type === "video", editWindowS),
    canSenderRevokeMsg: (msg) => isOurs(msg, (type) => type !== "revoked" && type !== "gp2", revokeWindowS),
    canAdminRevokeMsg: (msg) => Boolean(!msg.id.fromMe && Chat.get(msg.id.remote)?.iAmAdmin()),
    canStarMsg: () => false,
  },
  WAWebSendMessageEditAction: {
    async sendMessageEdit(msg, text, options) {
      await wire.ask("edit", { id: msg.id._serialized, text, preview: toPreview(options, text) });
    },
  },
  WAWebNonMessageDataRequestPlaceholderMessageResendUtils: { handlePlaceholderMsgsSeen() {} },
};
