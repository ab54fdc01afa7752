import { type Decoded, decodeRequests } from "../helpers/request_decoding.ts";
import { bytesOf } from "../helpers/wire_bytes.ts";
import { decoderSuite } from "../suites/decoder_suite.ts";

const RTMP_BYTES = new Uint8Array([3, 0, 0x0a, 0x0a, 71]);

decoderSuite<Decoded>("RequestDecoder", decodeRequests, [
  {
    name: "passes RTMP on from its first byte",
    bytes: RTMP_BYTES,
    expected: { requests: [{ type: "rtmp" }], media: RTMP_BYTES },
  },
  {
    name: "refuses RTMP behind an HTTP request",
    bytes: bytesOf("GET /api HTTP/1.1\r\nHost: a\r\n\r\n", RTMP_BYTES),
    expected: {
      refused: "bad-request",
      why: "RTMP begins with the connection",
    },
  },
]);
