import type messages from "@/messages/en.json";

/** The words of the player, which the server hands over. */
export type PlayerWords = (typeof messages)["player"];
