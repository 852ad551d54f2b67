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

/** Called with every answer that changes the scenario. */
export default function ({ data: { fresh, pieces }, setTriggerValue }) {
  const store = storage();
  if (!store) return;
  const kept = JSON.parse(store.getItem(KEY) ?? "{}");
  const other = kept.present && kept.opened
    && (kept.present !== pieces.present || Object.keys(kept.saved).length > 0);
  if (fresh && other) setTriggerValue("kept", kept);
  else store.setItem(KEY, JSON.stringify({ ...kept, ...pieces }));
}
