import { assertEquals } from "@std/assert";
import { answerNode } from "../../lib/web/node_answers.ts";
import { HttpScene } from "../session/http_scene.ts";

/** What JSON can carry that is neither a text nor a number, and cannot become one. */
const NO_TEXT = { toString: 1, valueOf: 1 };

const HALL = { user: "fier", channel: "default" };

Deno.test("answerNode() has nothing to say to a malformed question, and does nothing", async () => {
  await using site = new HttpScene();
  const { channel } = site.live();
  const watcher = site.hub.join(channel, { start: "oldest", burst: 0 });
  const { hub, links, logger } = site.context;
  const context = { hub, links, logger, isListed: () => true };
  const kick = { ask: "kick", ...HALL, watcher: watcher.id, by: "fier" };
  const end = { ask: "end", ...HALL, by: "fier" };
  const detail = { ask: "channel", ...HALL, sort: "lag", limit: 1 };
  const malformed: Record<string, unknown>[] = [
    {},
    { ask: NO_TEXT },
    { ask: "links", user: NO_TEXT },
    { ...detail, user: NO_TEXT },
    { ...detail, channel: NO_TEXT },
    { ...detail, sort: NO_TEXT },
    { ...detail, sort: "toString" },
    { ...kick, watcher: NO_TEXT },
    { ...kick, watcher: String(watcher.id) },
    { ...kick, by: undefined },
    { ...kick, by: "fier\nchannel-end" },
    { ...kick, by: "x".repeat(65) },
    { ...end, by: NO_TEXT },
    { ...end, by: "" },
  ];
  for (const question of malformed) {
    const text = JSON.stringify(question);
    assertEquals(answerNode(context, question), undefined, text);
  }
  for (const limit of [NO_TEXT, -1, "1"]) {
    const answer = answerNode(context, { ...detail, limit });
    const { channel } = answer as { channel: { audience: unknown[] } };
    assertEquals(channel.audience, []);
  }
  assertEquals([channel.state, channel.watchers], ["live", 1]);
  assertEquals(answerNode(context, kick), { kicked: true });
  assertEquals(answerNode(context, end), { ended: true });
  watcher.leave();
});
