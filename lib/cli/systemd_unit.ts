import type { Config } from "../config/config.ts";
import { AMPLE_SPARE_DESCRIPTORS } from "./descriptors.ts";
import { listenAddresses } from "./listen_addresses.ts";
import { isPrivileged } from "./privileged_ports.ts";
import { shellQuoted } from "./shell_quoted.ts";
import type { Build } from "./version.ts";

/** The service's folder, with settings and users; relative paths in flags start here. */
export const HOME = "/etc/fstream";

/** Where the program is installed when it lies where the service cannot see it. */
const USUAL_PATH = "/usr/local/bin/fstream";

/** The group that may read the users' files, because the service's own user exists only while it runs. */
const GROUP = "fstream-users";

/** Where the program is now, and where the unit runs it from. */
export interface Place {
  /** How it was made; absent when it runs from its sources. */
  readonly build: Build | undefined;
  /** Its path now. */
  readonly found: string;
  /** Its path in the unit. */
  readonly installed: string;
}

/** Finds out where the program is; without a build it is to be installed at the usual path. */
export function locate(build: Build | undefined): Place {
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
 * @param config The settings that they result in.
 */
export function systemdUnit(
  args: readonly string[],
  config: Config,
  place: Place,
): string {
  const command = [place.installed, "serve", ...args].map(quoted).join(" ");
  return `${installation(place)}${certificate(config)}
[Unit]
Description=fstream, live media from one pipe to many
After=network-online.target
Wants=network-online.target

[Service]
ExecStart=${command}
# Reads users and certificate again at once; no connection is cut.
ExecReload=/bin/kill -HUP $MAINPID
WorkingDirectory=${HOME}
DynamicUser=yes
SupplementaryGroups=${GROUP}
Restart=always
RestartSec=2
# Watchers are sent what is left first, which takes less than two seconds.
TimeoutStopSec=10
# Connections, and what the program opens besides.
LimitNOFILE=${config.connections + AMPLE_SPARE_DESCRIPTORS}
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
 * How the service's user may read the certificate: by its group, and not by `LoadCredential=`, which
 * copies it only at a start, so that a renewed certificate would need a restart, which cuts everybody.
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
  return `# Each renewed certificate is copied to where the group ${GROUP} can read it. With certbot, save these lines
# as /etc/letsencrypt/renewal-hooks/deploy/fstream with mode 755, and run it once by hand with
# RENEWED_LINEAGE=/etc/letsencrypt/live/NAME in its environment:
#   #!/bin/sh
#   ${install}/fullchain.pem" ${shellQuoted(cert)} &&
#   ${install}/privkey.pem" ${shellQuoted(key)} &&
#   systemctl reload fstream
`;
}

function shared(cert: string, key: string): string {
  return `# The service's user reads the certificate as a member of the group ${GROUP}, which needs access to the
# folders and to both files, also after a renewal:
#   chgrp ${GROUP} ${shellQuoted(cert)} ${shellQuoted(key)}
#   chmod 640 ${shellQuoted(cert)} ${shellQuoted(key)}
# Folders that only root may enter, like certbot's, stay closed to it: name files in ${HOME} instead
# (--tls-cert cert.pem --tls-key key.pem), and this unit explains how they get there.
`;
}

/** A self-extracting executable needs a folder that it can write to and run from. */
function cache(build: Build | undefined): string {
  if (build?.way !== "self-extracting") return "";
  return `# The executable unpacks itself here at its first start.
CacheDirectory=fstream
Environment=FSTREAM_CACHE=/var/cache/fstream
`;
}

function capabilities(config: Config): string {
  const addresses = [...listenAddresses(config).values()].flat();
  const privileged = addresses.some(({ port }) => isPrivileged(port));
  const capability = "CAP_NET_BIND_SERVICE";
  return privileged
    ? `AmbientCapabilities=${capability}\nCapabilityBoundingSet=${capability}\n`
    : "CapabilityBoundingSet=\n";
}

// Without MemoryDenyWriteExecute=, because the runtime's compiler writes code and runs it.
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
