/**
 * Plays MPEG-TS and FLV by mpegts.js, which turns them into what MediaSource takes.
 *
 * @module
 */

/** Bytes that wait until the library is loaded: a few seconds of a rich stream. */
const MAX_EARLY_BYTES = 32 * 1024 * 1024;

/** Seconds behind the picture that stay buffered, at most and at least. */
const KEEP_MOST_S = 40;
const KEEP_LEAST_S = 20;

let library;

/**
 * Loads the library, once; pages that do not need its 275 kB never do.
 *
 * @returns {Promise<object>} mpegts.js.
 */
function loadLibrary() {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = "/assets/mpegts.js";
    script.onload = () => {
      globalThis.mpegts.LoggingControl.enableAll = false;
      resolve(globalThis.mpegts);
    };
    script.onerror = () => {
      library = undefined;
      reject(new Error("mpegts.js could not be loaded"));
    };
    document.head.append(script);
  });
  return library;
}

/**
 * The library asks a loader for bytes; ours is handed them from outside.
 *
 * @param {object} mpegts The library.
 * @param {(deliver: (bytes: Uint8Array) => void) => void} onOpen Told when bytes may come, and where to.
 * @returns {Function} A class for the library's `customLoader`.
 */
function loaderClass(mpegts, onOpen) {
  return class SocketLoader extends mpegts.BaseLoader {
    #isOpen = false;
    #received = 0;

    constructor() {
      super("fstream");
    }

    open() {
      this.#isOpen = true;
      onOpen((bytes) => this.#deliver(bytes));
    }

    abort() {
      this.#isOpen = false;
    }

    isWorking() {
      return this.#isOpen;
    }

    #deliver(bytes) {
      if (!this.#isOpen) return;
      const start = this.#received;
      this.#received += bytes.length;
      this.onDataArrival?.(bytes.buffer, start, this.#received);
    }
  };
}

/** One stream on one media element. */
export class MpegtsPlayer {
  /** How it plays, for the details. */
  name = "mpegts.js";
  #media;
  #player;
  #deliver;
  #early = [];
  #earlyBytes = 0;
  #isClosed = false;
  #onFailure;

  /**
   * @param {HTMLMediaElement} media What plays it.
   * @param {"mpegts" | "flv"} container What the bytes are.
   * @param {(why: string) => void} onFailure Told when it cannot go on.
   */
  constructor(media, container, onFailure) {
    this.#media = media;
    this.#onFailure = onFailure;
    loadLibrary().then(
      (mpegts) => this.#isClosed || this.#open(mpegts, container),
      (error) => onFailure(error.message),
    );
  }

  /**
   * Takes the next bytes.
   *
   * @param {Uint8Array} bytes A whole buffer of them: the library reads what lies under the view.
   */
  push(bytes) {
    if (this.#deliver) return this.#deliver(bytes);
    this.#early.push(bytes);
    this.#earlyBytes += bytes.length;
    if (this.#earlyBytes > MAX_EARLY_BYTES) {
      this.#onFailure("mpegts.js did not start");
    }
  }

  /** Lets go of the element. */
  close() {
    this.#isClosed = true;
    this.#player?.destroy();
    this.#player = undefined;
  }

  #open(mpegts, container) {
    const source = { type: container, isLive: true, url: location.pathname };
    this.#player = mpegts.createPlayer(source, {
      isLive: true,
      enableStashBuffer: false,
      autoCleanupSourceBuffer: true,
      autoCleanupMaxBackwardDuration: KEEP_MOST_S,
      autoCleanupMinBackwardDuration: KEEP_LEAST_S,
      customLoader: loaderClass(mpegts, (deliver) => this.#opened(deliver)),
    });
    this.#player.on(mpegts.Events.ERROR, (_type, detail, info) => {
      this.#onFailure(info?.msg || detail);
    });
    this.#player.attachMediaElement(this.#media);
    this.#player.load();
  }

  #opened(deliver) {
    this.#deliver = deliver;
    this.#early.forEach(deliver);
    this.#early = [];
  }
}
