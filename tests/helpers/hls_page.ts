/** A page of another web site, which plays a channel with hls.js and notes where it stalled. */
const PAGE = `<!DOCTYPE html><title>hls.js</title>
<video id="video" muted></video><canvas id="canvas" hidden></canvas>
<script src="/hls.js"></script>
<script>
  globalThis.stalls = [];
  const hls = new Hls();
  // Where it begins, sound may begin later than the picture, and hls.js steps over that.
  const played = () => video.played.length > 0 ? video.currentTime - video.played.start(0) : 0;
  hls.on(Hls.Events.ERROR, (_, { details, fatal }) => {
    if (fatal || played() > 1) stalls.push(details + " at " + played().toFixed(2) + " s");
  });
  hls.on(Hls.Events.MANIFEST_PARSED, () => video.play());
  hls.loadSource(decodeURIComponent(location.search.slice(1)));
  hls.attachMedia(video);
</script>`;

/**
 * Serves the page on an origin of its own.
 *
 * @param script Of hls.js.
 */
export function hlsPage(script: string): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: (): void => {} },
    ({ url }) => {
      const isScript = new URL(url).pathname === "/hls.js";
      const type = isScript ? "text/javascript" : "text/html";
      const headers = { "content-type": type };
      return new Response(isScript ? script : PAGE, { headers });
    },
  );
}
