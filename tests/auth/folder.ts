/**
 * Makes a folder of files for one test and removes it again.
 *
 * @param files What the files hold, by name.
 * @param use What is done with the folder's path.
 * @returns What `use` gives.
 */
export async function withFolder<T>(
  files: Readonly<Record<string, string | Uint8Array>>,
  use: (dir: string) => Promise<T>,
): Promise<T> {
  const dir = await Deno.makeTempDir();
  try {
    for (const [name, content] of Object.entries(files)) {
      const bytes = typeof content === "string"
        ? new TextEncoder().encode(content)
        : content;
      await Deno.writeFile(`${dir}/${name}`, bytes);
    }
    return await use(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
