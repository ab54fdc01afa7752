import { assertEquals, assertThrows } from "@std/assert";
import { Refusal } from "../../lib/errors.ts";
import { claim, codeOf, refusalOf, scene, wish } from "./hub_scene.ts";

Deno.test("Hub bounds those who wait for a channel", async () => {
  using stage = scene();
  const waits = [1, 2].map(() => stage.hub.watch(wish({ wait: 60 })));
  const third = stage.hub.watch(wish({ wait: 60 }));
  assertEquals(await refusalOf(third), "limit: too many wait for this channel");
  stage.hub.broadcast(claim());
  await Promise.all(waits);
});

Deno.test("Hub bounds the watchers of a channel, and a leaver makes room", async () => {
  using stage = scene();
  stage.hub.broadcast(claim());
  const first = await stage.hub.watch(wish());
  await stage.hub.watch(wish());
  const third = stage.hub.watch(wish());
  assertEquals(
    await refusalOf(third),
    "limit: the channel has too many watchers",
  );
  first.leave();
  await stage.hub.watch(wish());
  assertEquals(first.channel.watchers, 2);
});

Deno.test("Hub bounds the channels of a user, held ones included", () => {
  using stage = scene();
  const first = stage.hub.broadcast(claim({ channel: "1" }));
  first.end("broken");
  stage.hub.broadcast(claim({ channel: "2" }));
  const third = claim({ channel: "3" });
  const error = assertThrows(() => stage.hub.broadcast(third), Refusal);
  assertEquals(codeOf(error), "limit");
  stage.hub.broadcast(claim({ user: "other" }));
  stage.hub.broadcast(claim({ channel: "1" })); // his own again: no new one
  stage.hub.broadcast(claim({ channel: "2" })).end("clean");
  stage.hub.broadcast(third);
});
