import { buildConfig, type Config } from "../../config/config.ts";
import { EXIT } from "../../errors.ts";
import type { Command, CommandContext } from "../command.ts";
import { listenAddresses } from "../listen_addresses.ts";
import { placed } from "../unexpected_arguments.ts";
import { readLayers, SETTING_FLAGS } from "./serve.ts";
import { answer } from "../terminal.ts";
import { type Build, shellQuoted } from "../version.ts";

/** Where the settings and the users of the service lie; relative paths in flags count from here. */
const HOME = "/etc/fstream";

/** Where the program lies when it does not lie in a place that the service can see. */
const USUAL_PATH = "/usr/local/bin/fstream";

/** The group whose members read the users' files: the service's own user comes and goes with it. */
const GROUP = "fstream-users";

/** File descriptors beside the connections: the runtime's own, listeners, files of users, logs. */
const SPARE_DESCRIPTORS = 1024;

/** Ports below this one are reserved to who has the right to bind them (ip_unprivileged_port_start). */
const FIRST_FREE_PORT = 1024;

const HELP =
  `fstream systemd prints a unit that runs the server as a service, hardened, as a user of its own.

Usage: fstream systemd [flags of fstream serve]

The flags go into the unit as they are. Relative paths in them count from ${HOME}, and users are
looked for in ${HOME}/users. The first lines of the unit tell how it is put in place.

Example, as root:
  fstream systemd --listen :61920 > /etc/systemd/system/fstream.service
`;

/** `fstream systemd`. */
export const systemdCommand: Command = {
  name: "systemd",
  usage: "fstream systemd",
  about: "prints a unit that runs the server as a service",
  help: HELP,
  flags: SETTING_FLAGS,
  run: async (args, context) => {
    const values = placed(args, context, SETTING_FLAGS);
    const config = buildConfig(...await readLayers(values));
    answer(unit(args, config, locate(context)));
    return EXIT.done;
  },
};

/** Where the program lies now, and where the unit looks for it. */
interface Place {
  readonly build: Build | undefined;
  readonly found: string;
  readonly installed: string;
}

function locate({ build }: CommandContext): Place {
  if (!build) return { build, found: USUAL_PATH, installed: USUAL_PATH };
  const found = Deno.realPathSync(build.path);
  // ProtectHome= and PrivateTmp= hide these from the service.
  const hidden = /^\/(home|root|run\/user|tmp|var\/tmp)\//.test(found);
  return { build, found, installed: hidden ? USUAL_PATH : found };
}

/**
 * Writes the unit (systemd.service(5), systemd.exec(5)).
 *
 * @param args The flags of `serve`.
 * @param config What they come to.
 * @param place Where the program lies.
 */
function unit(args: readonly string[], config: Config, place: Place): string {
  const command = [place.installed, "serve", ...args].map(quoted).join(" ");
  return `${installation(place)}${certificate(config)}
[Unit]
Description=fstream, live media from one pipe to many
After=network-online.target
Wants=network-online.target

[Service]
ExecStart=${command}
# Looks at once at users on the air and at the certificate; nobody is cut.
ExecReload=/bin/kill -HUP $MAINPID
WorkingDirectory=${HOME}
DynamicUser=yes
SupplementaryGroups=${GROUP}
Restart=always
RestartSec=2
# Watchers get what is left first; that takes less than two seconds.
TimeoutStopSec=10
# Connections, and what the program opens beside them.
LimitNOFILE=${config.connections + SPARE_DESCRIPTORS}
${cache(place.build)}${capabilities(config)}${HARDENING}
[Install]
WantedBy=multi-user.target
`;
}

function installation({ found, installed }: Place): string {
  const copy = found === installed
    ? ""
    : `#   install -m 755 ${found} ${installed}\n`;
  return `# fstream as a service. Once, as root:
${copy}#   groupadd --system ${GROUP}
#   install -d -m 2750 -g ${GROUP} ${HOME} ${HOME}/users
#   printf '[DEFAULT]\\npassword=123\\n' > ${HOME}/users/fier.ini
# and, with this file as /etc/systemd/system/fstream.service:
#   systemctl daemon-reload && systemctl enable --now fstream
`;
}

/**
 * How the service's user comes to read the certificate. It is by its group and not by `LoadCredential=`,
 * whose copy is taken at a start alone: a renewed certificate would be seen after a restart, which cuts
 * everybody.
 */
function certificate({ tlsCert, tlsKey }: Config): string {
  if (tlsCert === undefined || tlsKey === undefined) return "";
  const [cert, key] = [inHome(tlsCert), inHome(tlsKey)];
  return cert.startsWith(`${HOME}/`) && key.startsWith(`${HOME}/`)
    ? copied(cert, key)
    : shared(cert, key);
}

function inHome(path: string): string {
  return path.startsWith("/") ? path : `${HOME}/${path}`;
}

function copied(cert: string, key: string): string {
  const install = `install -D -m 640 -g ${GROUP} "$RENEWED_LINEAGE`;
  return `# The certificate is copied to where the group ${GROUP} reads it, at each renewal again. For certbot, as
# /etc/letsencrypt/renewal-hooks/deploy/fstream with mode 755, which is run once by hand too, behind
# RENEWED_LINEAGE=/etc/letsencrypt/live/NAME:
#   #!/bin/sh
#   ${install}/fullchain.pem" ${shellQuoted(cert)} &&
#   ${install}/privkey.pem" ${shellQuoted(key)} &&
#   systemctl reload fstream
`;
}

function shared(cert: string, key: string): string {
  return `# The service's user reads the certificate as a member of the group ${GROUP}, which needs the way there
# and both files, also when they are written anew:
#   chgrp ${GROUP} ${shellQuoted(cert)} ${shellQuoted(key)}
#   chmod 640 ${shellQuoted(cert)} ${shellQuoted(key)}
# Folders that only root may enter, as certbot's are, stay closed to it: name files in ${HOME} instead
# (--tls-cert cert.pem --tls-key key.pem), and this unit tells how they get there.
`;
}

/** A self-extracting program needs a folder that it can write to and run from. */
function cache(build: Build | undefined): string {
  if (build?.way !== "self-extracting") return "";
  return `# The program unpacks itself here at its first start.
CacheDirectory=fstream
Environment=FSTREAM_CACHE=/var/cache/fstream
`;
}

function capabilities(config: Config): string {
  const addresses = [...listenAddresses(config).values()].flat();
  const low = addresses.some(({ port }) => port > 0 && port < FIRST_FREE_PORT);
  const right = "CAP_NET_BIND_SERVICE";
  return low
    ? `AmbientCapabilities=${right}\nCapabilityBoundingSet=${right}\n`
    : "CapabilityBoundingSet=\n";
}

// MemoryDenyWriteExecute= is not here: the runtime's compiler makes code as it goes.
const HARDENING = `NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
UMask=0077
`;

/** Quotes a word of `ExecStart=` (systemd.service(5), "Command lines"). */
function quoted(word: string): string {
  const escaped = word.replaceAll("%", "%%").replaceAll("$", "$$$$");
  if (/^[\w./:@,+=[\]%$-]+$/.test(escaped)) return escaped;
  return `"${escaped.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
