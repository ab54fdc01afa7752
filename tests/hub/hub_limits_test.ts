import { assertEquals, assertThrows } from "@std/assert";
import { Refusal } from "../../lib/errors.ts";
import {
  codeOf,
  publishOptions,
  refusalOf,
  scene,
  watch,
} from "./hub_scene.ts";

Deno.test("Hub limits the watchers that wait for a channel", async () => {
  using stage = scene();
  const waits = [1, 2].map(() => watch(stage.hub, { wait: 60 }));
  const third = watch(stage.hub, { wait: 60 });
  assertEquals(await refusalOf(third), "limit: too many wait for this channel");
  stage.hub.publish(publishOptions());
  await Promise.all(waits);
});

Deno.test("Hub limits the watchers of a channel, and one that leaves makes room", async () => {
  using stage = scene();
  stage.hub.publish(publishOptions());
  const first = await watch(stage.hub);
  await watch(stage.hub);
  const third = watch(stage.hub);
  assertEquals(
    await refusalOf(third),
    "limit: the channel has too many watchers",
  );
  first.leave();
  await watch(stage.hub);
  assertEquals(first.channel.watchers, 2);
});

Deno.test("Hub limits the channels of a user, held ones included", () => {
  using stage = scene();
  const first = stage.hub.publish(publishOptions({ channel: "1" }));
  first.end("broken");
  stage.hub.publish(publishOptions({ channel: "2" }));
  const third = publishOptions({ channel: "3" });
  const error = assertThrows(() => stage.hub.publish(third), Refusal);
  assertEquals(codeOf(error), "limit");
  stage.hub.publish(publishOptions({ user: "other" }));
  stage.hub.publish(publishOptions({ channel: "1" })); // takes its own over: no new one
  stage.hub.publish(publishOptions({ channel: "2" })).end("clean");
  stage.hub.publish(third);
});
