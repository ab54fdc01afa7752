/** @import Mpegts from "mpegts.js" */
/** @typedef {typeof Mpegts.default} Library */
/** @typedef {ReturnType<Library["createPlayer"]>} LibraryPlayer */
/** @typedef {(bytes: Uint8Array<ArrayBuffer>) => void} Deliver */

/** Bytes that may wait until the library is loaded: a few seconds at a high bit rate. */
const MAX_EARLY_BYTES = 32 * 1024 * 1024;

/** Seconds behind the current position that stay buffered, at most and at least. */
const MAX_KEEP_S = 40;
const MIN_KEEP_S = 20;

/** @type {Promise<Library> | undefined} */
let library;

/**
 * Loads the library of 275 kB once, and only on pages that need it.
 *
 * @returns {Promise<Library>}
 */
function loadLibrary() {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = "/assets/mpegts.js";
    script.onload = () => {
      const { mpegts } = /** @type {{mpegts: Library} & typeof globalThis} */ (
        globalThis
      );
      mpegts.LoggingControl.enableAll = false;
      resolve(mpegts);
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
 * A loader class for the library, which asks for bytes where this page pushes them.
 *
 * @param {Library} mpegts
 * @param {(deliver: Deliver) => void} onOpen Called with the function that takes the bytes.
 */
function loaderClass(mpegts, onOpen) {
  return class SocketLoader extends mpegts.BaseLoader {
    #isOpen = false;
    #received = 0;

    constructor() {
      super("fstream");
    }

    /** @override */
    open() {
      this.#isOpen = true;
      onOpen((bytes) => this.#deliver(bytes));
    }

    /** @override */
    abort() {
      this.#isOpen = false;
    }

    /** @override */
    isWorking() {
      return this.#isOpen;
    }

    /** @param {Uint8Array<ArrayBuffer>} bytes */
    #deliver(bytes) {
      if (!this.#isOpen) return;
      const start = this.#received;
      this.#received += bytes.length;
      this.onDataArrival?.(bytes.buffer, start, this.#received);
    }
  };
}

/** Plays MPEG-TS and FLV by mpegts.js, which remuxes them for MediaSource. */
export class MpegtsPlayer {
  /** Shown in the details. */
  name = "mpegts.js";
  #media;
  /** @type {LibraryPlayer | undefined} */
  #player;
  /** @type {Deliver | undefined} */
  #deliver;
  /** @type {Uint8Array<ArrayBuffer>[]} */
  #early = [];
  #earlyBytes = 0;
  #isClosed = false;
  #onFailure;

  /**
   * @param {HTMLMediaElement} media
   * @param {string} container `mpegts` or `flv`.
   * @param {(reason: string) => void} onFailure
   */
  constructor(media, container, onFailure) {
    this.#media = media;
    this.#onFailure = onFailure;
    loadLibrary().then(
      (mpegts) => this.#isClosed || this.#open(mpegts, container),
      (error) => onFailure(error.message),
    );
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes A whole buffer: the library reads all that is under the view. */
  push(bytes) {
    if (this.#deliver) return this.#deliver(bytes);
    this.#early.push(bytes);
    this.#earlyBytes += bytes.length;
    if (this.#earlyBytes > MAX_EARLY_BYTES) {
      this.#onFailure("mpegts.js did not start");
    }
  }

  /** Releases the media element. */
  close() {
    this.#isClosed = true;
    this.#player?.destroy();
    this.#player = undefined;
  }

  /**
   * @param {Library} mpegts
   * @param {string} container
   */
  #open(mpegts, container) {
    const source = { type: container, isLive: true, url: location.pathname };
    const player = mpegts.createPlayer(source, {
      isLive: true,
      enableStashBuffer: false,
      autoCleanupSourceBuffer: true,
      autoCleanupMaxBackwardDuration: MAX_KEEP_S,
      autoCleanupMinBackwardDuration: MIN_KEEP_S,
      customLoader: loaderClass(mpegts, (deliver) => this.#start(deliver)),
    });
    player.on(mpegts.Events.ERROR, (_type, detail, info) => {
      this.#onFailure(info?.msg || detail);
    });
    player.attachMediaElement(this.#media);
    player.load();
    this.#player = player;
  }

  /** @param {Deliver} deliver */
  #start(deliver) {
    this.#deliver = deliver;
    this.#early.forEach(deliver);
    this.#early = [];
  }
}
