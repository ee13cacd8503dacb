const NAME = "wsoptv-auth";

export type AuthMessage = "signed-out";

/** Tell the other tabs of this browser. */
export function announce(message: AuthMessage): void {
  const channel = new BroadcastChannel(NAME);
  channel.postMessage(message);
  channel.close();
}

/** Hear the other tabs; returns what stops it. */
export function onAnnouncement(heard: (message: AuthMessage) => void): () => void {
  const channel = new BroadcastChannel(NAME);
  channel.onmessage = (event: MessageEvent<AuthMessage>) => heard(event.data);
  return () => channel.close();
}
