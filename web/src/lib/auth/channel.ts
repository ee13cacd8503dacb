const NAME = "wsoptv-auth";

export type AuthMessage = "signed-out";
export type AuthChannel = { announce: (message: AuthMessage) => void; close: () => void };

/** Open the channel between the tabs of this browser; `heard` receives what the other tabs announce. */
export function openAuthChannel(heard: (message: AuthMessage) => void): AuthChannel {
  // One object for both directions: a second one in this page would receive its own messages.
  const channel = new BroadcastChannel(NAME);
  channel.onmessage = (event: MessageEvent<AuthMessage>) => heard(event.data);
  return { announce: (message) => channel.postMessage(message), close: () => channel.close() };
}
