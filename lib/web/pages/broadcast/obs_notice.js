import { DEFAULT_CHANNEL } from "../ui/channel_path.js";
import { copyRow } from "../ui/copy.js";
import { byId } from "../ui/dom.js";
import { obsLines } from "../ui/obs_lines.js";

/** Fields of the form that the lines name. */
const FIELDS = ["user", "channel"];

/** Shows what goes into the fields of OBS, with the names of the form as they are typed. */
export function showObsNotice() {
  byId("obs").hidden = false;
  for (const id of FIELDS) byId(id).addEventListener("input", showLines);
  showLines();
}

function showLines() {
  const [user = "", channel = ""] = FIELDS.map((id) =>
    byId(id, HTMLInputElement).value
  );
  const name = { user, channel: channel || DEFAULT_CHANNEL };
  const rows = obsLines(name, location).map(({ label, line }) =>
    copyRow(label, line)
  );
  byId("obs-lines").replaceChildren(...rows);
}
