import { Cmd, Conn, encodeB64, keys, Socket, Stream } from "../account.js";
import { me, wire } from "../store.js";

/** Start-up, pairing and the session. */
export const startModules = {
  WAWebSocketModel: { Socket },
  WAWebConnModel: { Conn },
  WAWebCmd: { Cmd },
  WAWebStreamModel: { Stream },
  WAWebOfflineHandler: { OfflineMessageHandler: { getOfflineDeliveryProgress: () => 100 } },
  WABase64: { encodeB64 },
  WAWebCompanionRegClientUtils: { DEVICE_PLATFORM: keys.platform },
  WAWebAdvSignatureApi: {},
  WAWebUserPrefsInfoStore: { waNoiseInfo: { get: async () => ({ staticKeyPair: { pubKey: keys.noise.buffer } }) } },
  WAWebSignalStoreApi: {
    waSignalStore: { getRegistrationInfo: async () => ({ identityKeyPair: { pubKey: keys.identity.buffer } }) },
  },
  WAWebUserPrefsMultiDevice: { getADVSecretKey: () => keys.secret },
  WAWebUserPrefsMeUser: { getMaybeMePnUser: () => me.pn, getMaybeMeLidUser: () => me.lid },
  WAWebAltDeviceLinkingApi: {
    setPairingType() {},
    async initializeAltDeviceLinking() {},
    async initializeQRLinking() {},
    startAltLinkingFlow: (number) => wire.ask("pairingCode", { number: String(number) }),
  },
  WAWebLaunchSocketUtils: { refreshQR() {} },
  WAWebMiscBrowserUtils: { info: () => ({ os: "Linux", name: "Chrome", version: "147" }) },
  WAWebPresenceChatAction: { async sendPresenceAvailable() {}, async sendPresenceUnavailable() {} },
  // What whatsapp-web.js wraps at the start: reactions, polls and calls are not simulated.
  WAWebSyncGatingUtils: { isPlaceholderMessageResendEnabled: () => false },
  WAWebCallCollection: null,
  WAWebAddonReactionTableMode: { reactionTableMode: { async bulkUpsert() {} } },
  WAWebAddonPollVoteTableMode: { pollVoteTableMode: { async bulkUpsert() {} } },
  WAWebBackendJobsCommon: { mediaTypeFromProtobuf: () => null },
  WAWebE2EProtoUtils: { typeAttributeFromProtobuf: () => "text" },
};
