// The outbox: what was shared to Siach and is not handed in yet, in this browser alone. Pages and the worker use it.
// Each thing has a key of its own, so that the server keeps one that comes twice once.
self.box = (() => {
  const MOST = 50, SEND = "/capture/outbox/send/";
  const opened = () => new Promise((done, failed) => {
    const asked = indexedDB.open("siach-outbox", 1);
    asked.onupgradeneeded = () => { asked.result.createObjectStore("shared", { keyPath: "key" }); asked.result.createObjectStore("facts"); };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  const run = async (store, mode, deed) => {
    const base = await opened();
    try {
      return await new Promise((done, failed) => {
        const work = base.transaction(store, mode), asked = deed(work.objectStore(store));
        work.oncomplete = () => done(asked.result);
        work.onerror = work.onabort = () => failed(work.error);
      });
    } finally { base.close(); }
  };
  const get = key => run("shared", "readonly", store => store.get(key));
  const drop = key => run("shared", "readwrite", store => store.delete(key));
  const put = thing => run("shared", "readwrite", store => store.put(thing));
  const owner = () => run("facts", "readonly", store => store.get("owner"));
  const own = who => run("facts", "readwrite", store => store.put(who, "owner"));
  // Whose it is not is neither shown nor sent: two people may share one phone.
  const all = async () => {
    const who = await owner(), things = await run("shared", "readonly", store => store.getAll());
    return things.filter(one => !one.owner || !who || one.owner === who).sort((one, other) => other.at - one.at);
  };
  const add = async thing => {
    if ((await all()).length >= MOST) throw new Error("full");
    await put({ ...thing, owner: await owner() });
  };

  // Hands in all but the one at hand; how many went. Signed out, nothing goes and nothing is lost.
  const send = async but => {
    const things = (await all()).filter(one => one.key !== but);
    if (!things.length) return 0;
    const asked = await fetch(SEND, { headers: { Accept: "application/json" } });
    if (!asked.ok || asked.redirected) return 0;
    const told = await asked.json();
    await own(String(told.owner));
    let gone = 0;
    for (const one of await all()) {
      if (one.key === but) continue;
      const body = new FormData();
      for (const name of ["key", "text", "url"]) body.set(name, one[name] || "");
      one.pictures.forEach((picture, n) => body.append("pictures", picture, picture.name || `${n}.png`));
      const answer = await fetch(SEND, { method: "POST", body, headers: { "X-CSRFToken": told.token } });
      if (answer.redirected) break;
      if (answer.ok) { await drop(one.key); gone += 1; continue; }
      const said = await answer.json().catch(() => ({}));
      await put({ ...one, error: said.error || String(answer.status) });
    }
    return gone;
  };
  return { add, all, drop, get, own, put, send };
})();
