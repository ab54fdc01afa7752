import { secretsEqual } from "../auth/passwords/secrets.ts";
import type { Config } from "../config/config.ts";
import type { HubOptions } from "../hub/hub.ts";
import type { SessionLimits } from "../session/context.ts";

/** What the settings say of the hub, but for its clock. */
export function hubOptions(config: Config): Omit<HubOptions, "now"> {
  return {
    backlogBytes: config.backlog,
    memoryBytes: config.memory,
    graceSeconds: config.grace,
    burstSeconds: config.burst,
    linger: config.linger,
    maxLag: config.maxLag,
    channelsPerUser: config.channelsPerUser,
    watchersPerChannel: config.watchersPerChannel,
    sameSecret: secretsEqual,
  };
}

/** What the settings say of a session. */
export function sessionLimits(config: Config): SessionLimits {
  return {
    headerBytes: config.headerBlock,
    frameBytes: config.requestFrame,
    requestMs: config.requestTime * 1000,
    keepAliveMs: config.keepAlive * 1000,
    broadcasterIdleMs: config.broadcasterIdle * 1000,
  };
}

/** Milliseconds on a clock that never goes back. */
export function monotonicNow(): number {
  return performance.now();
}
