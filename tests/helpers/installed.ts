/**
 * Whether a program is installed, found on the search path.
 *
 * @param name The program.
 */
export function installed(name: string): boolean {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  return folders.some((folder) => isFile(`${folder}/${name}`));
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** A test's name and whether it is skipped, which says what is missing. */
export function needs(
  program: string,
  name: string,
): { name: string; ignore: boolean } {
  const ignore = Deno.build.os === "windows" || !installed(program);
  return {
    name: ignore ? `${name} (skipped: ${program} is not installed)` : name,
    ignore,
  };
}
