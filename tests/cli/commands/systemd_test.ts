import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { needs } from "../../helpers/installed.ts";
import { makeProgram, type Ran } from "../../helpers/program.ts";

/** Runs shell text in a folder of its own. */
async function run(text: string): Promise<Ran> {
  await using program = await makeProgram();
  const folder = await Deno.makeTempDir({ prefix: "fstream-systemd-" });
  try {
    return await program.run(text, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("fstream systemd hardens the service, and gives it what it needs", async () => {
  const { status, stdout, stderr } = await run("fstream systemd");
  assertEquals([status, stderr], [0, ""]);
  for (
    const line of [
      "ExecStart=/usr/local/bin/fstream serve",
      "ExecReload=/bin/kill -HUP $MAINPID",
      "DynamicUser=yes",
      "ProtectSystem=strict",
      "NoNewPrivileges=yes",
      "CapabilityBoundingSet=",
      "Restart=always",
      "LimitNOFILE=11024",
      "WorkingDirectory=/etc/fstream",
      "WantedBy=multi-user.target",
    ]
  ) {
    assertStringIncludes(stdout, `\n${line}\n`);
  }
});

Deno.test("fstream systemd quotes the flags of serve", async () => {
  const { stdout } = await run(
    `fstream systemd --listen :443 --connections 50 --users '/srv/a b%$c"d'`,
  );
  assertStringIncludes(
    stdout,
    String
      .raw`serve --listen :443 --connections 50 --users "/srv/a b%%$$c\"d"` +
      "\n",
  );
  assertStringIncludes(stdout, "\nLimitNOFILE=1074\n");
  assertMatch(stdout, /\nAmbientCapabilities=CAP_NET_BIND_SERVICE\n/);
});

Deno.test("fstream systemd explains how its user can read the certificate", async () => {
  const without = await run("fstream systemd");
  assertEquals(without.stdout.includes("certificate is"), false);
  const inside = await run(
    "fstream systemd --tls-cert cert.pem --tls-key /etc/fstream/tls/key.pem",
  );
  const hook = (name: string, path: string): string =>
    `\n#   install -D -m 640 -g fstream-users "$RENEWED_LINEAGE/${name}.pem" ${path} &&\n`;
  assertStringIncludes(
    inside.stdout,
    hook("fullchain", "/etc/fstream/cert.pem"),
  );
  assertStringIncludes(
    inside.stdout,
    hook("privkey", "/etc/fstream/tls/key.pem"),
  );
  assertStringIncludes(inside.stdout, "\n#   systemctl reload fstream\n");
  const outside = await run(
    "fstream systemd --tls-cert /srv/cert.pem --tls-key '/srv/the key.pem'",
  );
  assertStringIncludes(
    outside.stdout,
    "\n#   chgrp fstream-users /srv/cert.pem '/srv/the key.pem'\n",
  );
});

Deno.test("fstream systemd rejects a flag that serve would reject", async () => {
  for (const flags of ["--backlog lots", "--bogus", "now"]) {
    const { status, stdout } = await run(`fstream systemd ${flags}`);
    assertEquals([status, stdout], [2, ""]);
  }
});

Deno.test({
  ...needs("systemd-analyze", "systemd-analyze finds no fault in the unit"),
  fn: async () => {
    // Whether the program is installed is not the unit's concern.
    const { stdout, stderr } = await run(
      `fstream systemd --listen :443 --tls-cert a.pem --tls-key b.pem > fstream.service
      systemd-analyze verify ./fstream.service 2>&1 | grep -v 'is not executable'`,
    );
    assertEquals([stdout, stderr], ["", ""]);
  },
});
