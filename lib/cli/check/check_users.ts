import { nameProblem } from "../../auth/users/names.ts";
import { UserFileError } from "../../auth/users/user_file.ts";
import { UsersFolder } from "../../auth/users/users_folder.ts";
import { messageOf } from "../../errors.ts";
import { INI_DEFAULT_SECTION, parse } from "../../config/ini.ts";
import { shellQuoted } from "../version.ts";
import { fault, type Finding, warning } from "./finding.ts";

/**
 * Users that are looked at: enough for any folder that people fill by hand, and the answer comes in
 * seconds.
 */
const MAX_USERS = 10_000;

/** Mode bits that let others than owner and group read or write (inode(7)). */
const OTHERS = 0o006;

/**
 * Looks at every user's file, as the server would when the user signs in.
 *
 * @param dir The users folder.
 * @returns What keeps users from signing in, with file and line.
 */
export async function checkUsers(dir: string): Promise<Finding[]> {
  const folder = new UsersFolder(dir);
  try {
    await folder.check();
  } catch (error) {
    const advice = `mkdir -p ${shellQuoted(dir)}, or name another with --users`;
    return [fault(messageOf(error), advice)];
  }
  const names = await namesIn(dir);
  const findings = await Promise.all(
    names.slice(0, MAX_USERS).map((name) => checkUser(folder, dir, name)),
  );
  return [...findings.flat(), ...amount(names.length, dir)];
}

async function namesIn(dir: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(dir)) {
    if (name.endsWith(".ini")) names.push(name.slice(0, -".ini".length));
  }
  return names.sort();
}

function amount(users: number, dir: string): Finding[] {
  if (users === 0) {
    const line = "printf '[DEFAULT]\\npassword=123\\n' >";
    const advice = `make one: ${line} ${shellQuoted(`${dir}/fier.ini`)}`;
    return [warning(`${dir}: no user, so nobody can broadcast`, advice)];
  }
  if (users <= MAX_USERS) return [];
  const problem = `${dir}: only ${MAX_USERS} of ${users} users were looked at`;
  return [warning(problem, "look at the others in a folder of their own")];
}

async function checkUser(
  folder: UsersFolder,
  dir: string,
  name: string,
): Promise<Finding[]> {
  const path = `${dir}/${name}.ini`;
  const problem = nameProblem(name);
  if (problem !== undefined) {
    return [fault(`${path}: the user's name ${problem}`, "rename the file")];
  }
  try {
    await folder.lookup(name);
    return [...await checkPassword(path), ...await checkMode(path)];
  } catch (error) {
    if (!(error instanceof UserFileError)) throw error;
    const advice = "correct the file: the user cannot sign in as it is";
    return [fault(error.message, advice)];
  }
}

async function checkPassword(path: string): Promise<Finding[]> {
  const section = parse(await Deno.readTextFile(path)).get(INI_DEFAULT_SECTION);
  // A hash that cannot be used has been found by the lookup.
  if (section?.get("password_hash")?.value) return [];
  const password = section?.get("password");
  if (!password || password.value === "") {
    const where = password ? `${path} line ${password.line}` : path;
    const advice = "write password=… below [DEFAULT]";
    return [warning(`${where}: no password, so nobody can sign in`, advice)];
  }
  if (!password.value.includes(",")) return [];
  const problem =
    `${path} line ${password.line}: the password holds a comma, which the protocol cannot carry`;
  return [fault(problem, "choose a password without a comma")];
}

async function checkMode(path: string): Promise<Finding[]> {
  const { mode } = await Deno.stat(path);
  if (mode === null || (mode & OTHERS) === 0) return [];
  const problem = `${path}: every user of this machine can read the password`;
  return [warning(problem, `chmod o= ${shellQuoted(path)}`)];
}
