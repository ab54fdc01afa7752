/** File descriptors that the program needs besides its connections: the runtime's own, listeners, files. */
export const SPARE_DESCRIPTORS = 64;

/** The same with a margin for requests to webhooks and files of users, for a limit that costs nothing. */
export const AMPLE_SPARE_DESCRIPTORS = 1024;
