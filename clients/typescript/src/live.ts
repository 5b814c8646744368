/** The server sends its first text within two seconds. */
const FIRST_TEXT_MS = 10_000;
/** A half-open connection never reports an error. */
const SILENCE_MS = 60_000;

interface Listener {
  /** Whether the text was valid. Otherwise the connection is closed. */
  onText(text: string): Promise<boolean>;
  /** After a minute of silence: whether nothing was missed. Otherwise the connection is closed. */
  onSilence(): Promise<boolean>;
}

/** Listens until the connection ends or the page is hidden. Returns whether a valid text came. */
export function listen(url: string, signal: AbortSignal, listener: Listener): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const page = globalThis.document;
    let worked = false;
    let ended = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const socket = new WebSocket(url);
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
    // Texts are handled one after the other: a text may have to load the seats first.
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
