// What this tab keeps for a session that has to begin anew; see kept.py.

const KEY = "pricing";

/** The tab's own storage, gone with the tab; null in a browser that lets pages keep nothing. */
function storage() {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}

/** What was written here; nothing where another program has written to the same place. */
function read(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

/** Called with every answer that changes the scenario, and when an offer is answered. */
export default function ({ data: { fresh, offered, pieces }, setTriggerValue }) {
  const store = storage();
  if (!store) return;
  const { before, ...kept } = read(store.getItem(KEY));
  const isOther = (work) => work?.present && work.opened
    && (work.present !== pieces.present || Object.keys(work.saved).length > 0);
  const other = fresh && [kept, before].find(isOther);
  if (other) {
    // Until the reader answers it stays, or a second restart would lose it.
    store.setItem(KEY, JSON.stringify({ before: other }));
    setTriggerValue("kept", other);
  } else store.setItem(KEY, JSON.stringify({ ...kept, ...pieces, ...(offered && { before }) }));
}
