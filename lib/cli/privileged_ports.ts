/** The first port that anybody may listen on (ip(7), ip_unprivileged_port_start). */
const FIRST_UNPRIVILEGED_PORT = 1024;

/** Whether only privileged programs may listen on a port. */
export function isPrivileged(port: number): boolean {
  return port > 0 && port < FIRST_UNPRIVILEGED_PORT;
}
