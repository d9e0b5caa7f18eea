/** A file on its way into or out of a message. */
class OpaqueData {
  #blob;
  #url = null;

  constructor(blob) {
    this.#blob = blob;
  }

  static async createFromData(blob, mimetype) {
    return new OpaqueData(blob.type === mimetype ? blob : new Blob([blob], { type: mimetype }));
  }

  get type() {
    return this.#blob.type;
  }

  get size() {
    return this.#blob.size;
  }

  url() {
    this.#url ??= URL.createObjectURL(this.#blob);
    return this.#url;
  }

  autorelease() {
    if (this.#url) URL.revokeObjectURL(this.#url);
  }

  formData() {
    return this.#blob;
  }

  forceToBlob() {
    return this.#blob;
  }
}

/** What WhatsApp knows of a file that it is about to send. */
class MediaData {
  constructor(fields) {
    Object.assign(this, fields);
  }

  set(fields) {
    Object.assign(this, fields);
  }

  toJSON() {
    const { mediaBlob, ...fields } = this;
    return fields;
  }
}

const pictures = ["image/jpeg", "image/png", "image/webp"];
const objects = new Map();
const blobs = new Map();

async function prepare(opaque, { asDocument, isPtt }) {
  const blob = opaque.forceToBlob();
  const isPicture = pictures.includes(opaque.type) && !asDocument;
  const type = isPicture ? "image" : isPtt ? "ptt" : asDocument ? "document" : kindOf(opaque.type);
  return new MediaData({
    type,
    mimetype: opaque.type,
    filehash: await hash(blob),
    size: opaque.size,
    mediaBlob: opaque,
    ...(isPicture && (await look(blob))),
  });
}

function kindOf(mimetype) {
  const kind = mimetype.split("/")[0];
  return kind === "video" || kind === "audio" ? kind : "document";
}

/** A picture's size and its thumbnail. Throws where the picture cannot be read. */
async function look(blob) {
  const picture = await createImageBitmap(blob);
  const { width, height } = picture;
  const scale = Math.min(1, 72 / Math.max(width, height));
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const thumbnail = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.5 });
  return { width, height, fullWidth: width, fullHeight: height, preview: await toBase64(thumbnail) };
}

const hash = async (blob) => encode(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
const toBase64 = async (blob) => encode(await blob.arrayBuffer());
const encode = (buffer) => btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""));

async function upload({ mimetype, mediaObject }) {
  const body = blobs.get(mediaObject.filehash);
  const answer = await fetch("/upload", { method: "POST", body, headers: { "content-type": mimetype } });
  if (!answer.ok) return { mediaEntry: null };
  const { path } = await answer.json();
  return {
    mediaEntry: {
      mmsUrl: new URL(path, location.href).href,
      deprecatedMms3Url: new URL(path, location.href).href,
      directPath: path,
      mediaKey: path,
      mediaKeyTimestamp: Math.floor(Date.now() / 1000),
      encFilehash: mediaObject.filehash,
      uploadHash: mediaObject.filehash,
    },
  };
}

/** Pictures and files. */
export const mediaModules = {
  WAWebMediaOpaqueData: OpaqueData,
  WAWebPrepRawMedia: {
    prepRawMedia(opaque, options) {
      const prepared = prepare(opaque, options);
      return { waitForPrep: () => prepared };
    },
  },
  WAWebMediaStorage: {
    getOrCreateMediaObject(filehash) {
      if (!objects.has(filehash)) {
        objects.set(filehash, {
          filehash,
          contentInfo: {},
          consolidate(fields) {
            Object.assign(this, fields);
          },
        });
      }
      return objects.get(filehash);
    },
  },
  WAWebMmsMediaTypes: { msgToMediaType: ({ type }) => type, castToV4: (type) => type },
  WAWebMediaDataUtils: { shouldUseMediaCache: () => true },
  WAWebMediaInMemoryBlobCache: { InMemoryMediaBlobCache: { put: (filehash, blob) => blobs.set(filehash, blob) } },
  WAWebMediaMmsV4Upload: {
    async uploadMedia(media) {
      const uploaded = await upload(media);
      blobs.delete(media.mediaObject.filehash);
      objects.delete(media.mediaObject.filehash);
      return uploaded;
    },
  },
  WAWebDownloadManager: {
    downloadManager: {
      async downloadAndMaybeDecrypt({ directPath, signal }) {
        const answer = await fetch(directPath, { signal });
        if (!answer.ok) throw Object.assign(new Error("The file is gone."), { status: answer.status });
        return answer.arrayBuffer();
      },
    },
  },
};
