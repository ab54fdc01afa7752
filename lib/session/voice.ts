import { type Refusal, REFUSALS } from "../errors.ts";
import { encodeFrame } from "../wire/frame.ts";
import { CONTINUE, httpAnswer, SOURCE_OK } from "../wire/http_answer.ts";
import type { IcecastHead } from "../wire/icecast_head.ts";
import { formatStatus } from "../wire/messages.ts";

/** How a peer wants to be spoken to. Empty bytes: not at all. */
export interface Voice {
  /** Before what an accepted peer asked for, with what there is to tell. */
  accept(values: Readonly<Record<string, string | number>>): Uint8Array;
  /** To a refused peer, which is closed then. */
  refuse(refusal: Refusal): Uint8Array;
  /** Behind a broadcast that its broadcaster ended in order. */
  readonly end: Uint8Array;
}

const NOTHING = new Uint8Array();

/** Old clients pipe whatever comes into a player: they hear nothing but media. */
export const MUTE: Voice = {
  accept: () => NOTHING,
  refuse: () => NOTHING,
  end: NOTHING,
};

/** Clients that ask for it are told by a frame in the payload's own form. */
export const STATUS_FRAMES: Voice = {
  accept: (values) => encodeFrame(formatStatus(undefined, values)),
  refuse: (refusal) => encodeFrame(formatStatus(refusal)),
  end: NOTHING,
};

/** Icecast source clients are answered in HTTP. */
export function icecastVoice(
  { method, expectsContinue }: IcecastHead,
): Voice {
  const source = method === "SOURCE";
  const go = source ? SOURCE_OK : expectsContinue ? CONTINUE : NOTHING;
  return {
    accept: () => go,
    refuse: ({ code, message }) =>
      httpAnswer(REFUSALS[code].httpStatus, message),
    end: source ? NOTHING : httpAnswer(200, "ok"),
  };
}
