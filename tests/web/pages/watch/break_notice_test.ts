import { assert, assertEquals } from "@std/assert";
import { BreakNotice } from "../../../../lib/web/pages/watch/break_notice.js";

/** A video element that has a next picture, and its controls. */
class FakeVideo extends EventTarget {
  paused = false;
  readyState = 3;
}

/** A notice under test; `shown` counts how often it was shown. */
function scene(): {
  readonly video: FakeVideo;
  readonly controls: { isPaused: boolean };
  readonly notice: BreakNotice;
  readonly show: () => void;
  shown: number;
} {
  const video = new FakeVideo();
  const controls = { isPaused: false };
  const element = video as unknown as ConstructorParameters<
    typeof BreakNotice
  >[0];
  const notice = new BreakNotice(element, controls);
  const made = { video, controls, notice, show: () => made.shown++, shown: 0 };
  return made;
}

Deno.test("BreakNotice is shown once the player runs out of media", () => {
  const made = scene();
  assert(made.notice.postpone(made.show));
  assertEquals(made.shown, 0);
  made.video.dispatchEvent(new Event("waiting"));
  assertEquals(made.shown, 1);
});

Deno.test("BreakNotice that is cancelled is not shown", () => {
  const made = scene();
  assert(made.notice.postpone(made.show));
  made.notice.cancel();
  made.video.dispatchEvent(new Event("waiting"));
  assertEquals(made.shown, 0);
});

Deno.test("BreakNotice is not postponed for a player that stands still, unless the viewer paused it", () => {
  const made = scene();
  made.video.readyState = 2;
  assert(!made.notice.postpone(made.show));
  Object.assign(made.video, { paused: true, readyState: 4 });
  assert(!made.notice.postpone(made.show));
  made.video.dispatchEvent(new Event("waiting"));
  assertEquals(made.shown, 0);
  made.controls.isPaused = true;
  assert(made.notice.postpone(made.show));
});
