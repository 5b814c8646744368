/** Give up after this time without a message. The server sends the first within two seconds. */
const FIRST_TEXT_MS = 10_000;
/** After this time without a message, poll once: a half-open connection never reports an error. */
const SILENCE_MS = 60_000;

interface Listener {
  /** Handles a message. If it returns `false`, the connection is closed. */
  onText(text: string): Promise<boolean>;
  /** Called after `SILENCE_MS`. If it returns `false`, the connection is closed. */
  onSilence(): Promise<boolean>;
}

/** Listens until it ends or the page is hidden. Returns whether the last message was valid. */
export function listen(url: string, signal: AbortSignal, listener: Listener): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let socket: WebSocket;
    try {
      socket = new WebSocket(url);
    } catch {
      // An invalid address, or `ws:` from a page with https.
      return resolve(false);
    }
    const page = globalThis.document;
    let worked = false;
    let ended = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const end = () => {
      ended = true;
      clearTimeout(timer);
      page?.removeEventListener("visibilitychange", hide);
      signal.removeEventListener("abort", end);
      socket.close();
      resolve(worked);
    };
    const hide = () => page.visibilityState === "hidden" && end();
    const fail = (error: unknown) => {
      reject(error);
      end();
    };
    const wait = (ms: number, act: () => unknown) => {
      clearTimeout(timer);
      if (!ended) timer = setTimeout(act, ms);
    };
    const checkLater = (): void =>
      wait(SILENCE_MS, () =>
        listener.onSilence().then((inStep) => (inStep ? checkLater() : end()), fail),
      );
    // Messages are handled one after the other: one may have to load the seats first.
    let last = Promise.resolve();
    socket.onmessage = ({ data }) => {
      const take = async () => {
        if (signal.aborted) return;
        worked = await listener.onText(String(data));
        if (worked) checkLater();
        else end();
      };
      last = last.then(take).catch(fail);
    };
    socket.onerror = socket.onclose = end;
    page?.addEventListener("visibilitychange", hide);
    signal.addEventListener("abort", end, { once: true });
    wait(FIRST_TEXT_MS, end);
  });
}
