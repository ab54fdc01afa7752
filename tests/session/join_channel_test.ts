import { assertEquals } from "@std/assert";
import {
  joinChannel,
  type JoinRequest,
} from "../../lib/session/join_channel.ts";
import {
  publishOptions,
  refusalOf,
  scene,
  send,
  waitOptions,
} from "../hub/hub_scene.ts";
import { drain } from "../hub/scripted_media.ts";

function request(changes: Partial<JoinRequest> = {}): JoinRequest {
  return {
    ...waitOptions(),
    ...{ start: "join", burst: 0, channelPassword: "" },
    ...changes,
  };
}

Deno.test("joinChannel() needs the channel's password, and none where there is none", async () => {
  using stage = scene();
  stage.hub.publish(publishOptions({ channelPassword: "word" }));
  for (const channelPassword of ["", "wrong"]) {
    const denied = joinChannel(stage.hub, request({ channelPassword }));
    assertEquals(await refusalOf(denied), "denied: access denied");
  }
  await joinChannel(stage.hub, request({ channelPassword: "word" }));
  stage.hub.publish(publishOptions({ channel: "open" }));
  const open = request({ channel: "open", channelPassword: "any" });
  await joinChannel(stage.hub, open);
});

Deno.test("joinChannel() needs the new password once the channel's password changed", async () => {
  using stage = scene();
  stage.hub.publish(publishOptions({ channelPassword: "old" }));
  const publisher = stage.hub.publish(
    publishOptions({ channelPassword: "new" }),
  );
  send(publisher, 2);
  const denied = joinChannel(stage.hub, request({ channelPassword: "old" }));
  assertEquals(await refusalOf(denied), "denied: access denied");
  const { cursor } = await joinChannel(
    stage.hub,
    request({ channelPassword: "new" }),
  );
  assertEquals(drain(cursor).bytes, new Uint8Array([2]));
});
