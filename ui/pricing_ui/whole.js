// Lets a browser hear an answer of the server as one message; see answers.py.
// Streamlit draws its page anew for each message that the browser hears by itself.

window.WebSocket = class extends WebSocket {
  constructor(address, protocols) {
    const whole = new URL(address);
    whole.searchParams.set("answers", "whole");
    super(whole, protocols);
  }

  addEventListener(type, listener, options) {
    super.addEventListener(type, type !== "message" ? listener : ({ data }) => {
      for (const message of parts(data)) {
        listener.call(this, new MessageEvent(type, { data: message }));
      }
    }, options);
  }
};

/** The messages of an answer: a zero, with which none of Streamlit's begins, then each after its
 * length. From a server that was not asked, or does not know how, one comes by itself. */
function* parts(answer) {
  const view = new DataView(answer);
  if (view.getUint8(0) !== 0) yield answer;
  else for (let start = 1; start < answer.byteLength;) {
    const end = start + 4 + view.getUint32(start);
    yield answer.slice(start + 4, end);
    start = end;
  }
}
