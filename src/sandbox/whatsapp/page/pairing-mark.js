/** The mark of a pairing, kept where WhatsApp keeps its keys: in IndexedDB, which outlives a killed browser. */
const store = "session";

export const readMark = () => run("readonly", (table) => table.get("mark"));
export const writeMark = (mark) => run("readwrite", (table) => table.put(mark, "mark"));
export const forgetMark = () => run("readwrite", (table) => table.delete("mark"));

async function run(mode, action) {
  const database = await open();
  try {
    const transaction = database.transaction(store, mode, { durability: "strict" });
    const request = action(transaction.objectStore(store));
    await new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
    return request.result ?? null;
  } finally {
    database.close();
  }
}

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("wawc", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(store);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
