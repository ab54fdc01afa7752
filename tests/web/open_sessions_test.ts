import { assertEquals } from "@std/assert";
import { OpenSessions } from "../../lib/web/open_sessions.ts";

Deno.test("OpenSessions.close() waits for the last session", async () => {
  const sessions = new OpenSessions();
  const ends = [sessions.begin(), sessions.begin()];
  assertEquals(sessions.closing.aborted, false);
  const closed = sessions.close(1000);
  assertEquals(sessions.closing.aborted, true);
  for (const end of ends) end();
  assertEquals(await closed, true);
});

Deno.test("OpenSessions.close() does not wait when there is no session, nor for ever", async () => {
  assertEquals(await new OpenSessions().close(1_000_000), true);
  const sessions = new OpenSessions();
  sessions.begin();
  assertEquals(await sessions.close(1), false);
});
