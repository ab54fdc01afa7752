import { nameProblem } from "../../auth/users/names.ts";
import { UserFileError } from "../../auth/users/user_file.ts";
import { UsersFolder } from "../../auth/users/users_folder.ts";
import { INI_DEFAULT_SECTION, parse } from "../../config/ini.ts";
import { messageOf } from "../../errors.ts";
import { RESERVED_NAMES } from "../../session/channel_path.ts";
import { shellQuoted } from "../shell_quoted.ts";
import { usersFolderAdvice } from "../start_failure.ts";
import { fault, type Finding, warning } from "./finding.ts";

/** Users that are checked: more than people add by hand, and few enough to take seconds. */
const MAX_USERS = 10_000;

/** Mode bits that let users other than owner and group read and write a file (inode(7)). */
const OTHERS = { read: 0o004, write: 0o002 } as const;

/**
 * Reads every user's file, as the server does when the user signs in.
 *
 * @param dir The users folder.
 * @returns What keeps users from signing in, with file and line.
 */
export async function checkUsers(dir: string): Promise<Finding[]> {
  const folder = new UsersFolder(dir);
  try {
    await folder.check();
  } catch (error) {
    return [fault(messageOf(error), usersFolderAdvice(error, dir))];
  }
  const names = await namesIn(dir);
  const findings: Finding[] = [];
  for (const name of names.slice(0, MAX_USERS)) {
    findings.push(...await checkUser(folder, dir, name));
  }
  return [...findings, ...checkNumber(names.length, dir)];
}

async function namesIn(dir: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(dir)) {
    if (name.endsWith(".ini")) names.push(name.slice(0, -".ini".length));
  }
  return names.sort();
}

function checkNumber(users: number, dir: string): Finding[] {
  if (users === 0) {
    const line = "printf '[DEFAULT]\\npassword=123\\n' >";
    const advice = `make one: ${line} ${shellQuoted(`${dir}/fier.ini`)}`;
    return [warning(`${dir}: no user, so nobody can broadcast`, advice)];
  }
  if (users <= MAX_USERS) return [];
  const problem = `${dir}: only ${MAX_USERS} of ${users} users were checked`;
  return [warning(problem, "check the others in a folder of their own")];
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
    return [...checkReserved(path, name), ...await checkPassword(path)];
  } catch (error) {
    if (!(error instanceof UserFileError)) throw error;
    const advice = "correct the file: the user cannot sign in as it is";
    return [fault(error.message, advice)];
  }
}

function checkReserved(path: string, name: string): Finding[] {
  if (!RESERVED_NAMES.includes(name)) return [];
  const problem =
    `${path}: /${name} is a page, so this user's channels cannot be watched over HTTP`;
  return [warning(problem, "rename the file")];
}

async function checkPassword(path: string): Promise<Finding[]> {
  const section = parse(await Deno.readTextFile(path)).get(INI_DEFAULT_SECTION);
  // The lookup has found invalid hashes.
  if (section?.get("password_hash")?.value) return await checkMode(path, true);
  const password = section?.get("password");
  if (!password || password.value === "") {
    const where = password ? `${path} line ${password.line}` : path;
    const advice = "write password=… below [DEFAULT]";
    return [warning(`${where}: no password, so nobody can sign in`, advice)];
  }
  if (!password.value.includes(",")) return await checkMode(path, false);
  const problem =
    `${path} line ${password.line}: the password contains a comma, which the protocol cannot carry`;
  return [fault(problem, "choose a password without a comma")];
}

/** A hash may be read by everybody, but not replaced. */
async function checkMode(path: string, hashed: boolean): Promise<Finding[]> {
  const mode = (await Deno.stat(path)).mode ?? 0;
  const chmod = `chmod o= ${shellQuoted(path)}`;
  if ((mode & OTHERS.write) !== 0) {
    const problem = `${path}: every user of this machine can change it`;
    return [warning(problem, chmod)];
  }
  if (hashed || (mode & OTHERS.read) === 0) return [];
  const problem = `${path}: every user of this machine can read the password`;
  const advice = `${chmod}, or replace it by a hash: fstream user`;
  return [warning(problem, advice)];
}
