/**
 * Returns whether a comma-separated field value (RFC 9110 §5.6.1) has the member, in any case, as
 * `Connection` has `close`.
 *
 * @param value `undefined` when the field is missing.
 * @param member In lower case.
 */
export function fieldListIncludes(
  value: string | undefined,
  member: string,
): boolean {
  if (value === undefined) return false;
  const list = value.toLowerCase();
  if (list === member) return true;
  return list.split(",").some((each) => each.trim() === member);
}
