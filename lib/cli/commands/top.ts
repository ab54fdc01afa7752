import type { ApiClient } from "../../client/api_client.ts";
import { ConnectionError } from "../../client/connection_error.ts";
import { untilAborted } from "../../client/until_aborted.ts";
import { messageOf, Refusal } from "../../errors.ts";
import type {
  ChannelDetailJson,
  ManagedChannelJson,
} from "../../web/managed_json.ts";
import { runApiCommand } from "../api_command.ts";
import type { Command } from "../command.ts";
import { type Flag, flagHelp } from "../flag_table.ts";
import { apiFlags } from "../request_flags.ts";
import { answer } from "../terminal.ts";
import { byName, nameOf } from "../view/channels.ts";
import { Screen } from "../view/screen.ts";
import { type TopAction, TopState } from "../view/top_state.ts";
import { plainTop, topLines } from "../view/top_view.ts";

/** Watchers in the plain table; the server has the slowest first. */
const PLAIN_WATCHERS = 100;

const OWN: readonly Flag[] = [
  {
    name: "channel",
    short: "c",
    placeholder: "USER/NAME",
    about: "whose watchers to show first",
  },
];

const FLAGS = apiFlags(OWN);

const HELP =
  `fstream top shows the channels that a user manages, and how far each watcher is behind live.

Usage: fstream [host:port] top --user NAME [flags]

A user whose file says admin=true manages all channels. Without a terminal both tables are printed once, with the
100 watchers that are behind most. Keys: up and down choose, Tab goes to the watchers and back, s sorts them by
lag, rate, bytes lost, skips, bytes sent or age, k disconnects one, e ends the channel, q quits.

${flagHelp(FLAGS)}
Example, the addresses of watchers that are ten seconds or more behind:
  fstream top -u fier --user-password 123 | awk '$5 == "s" && $4 >= 10 { print $2 }'
`;

/** `fstream top`. */
export const topCommand: Command = {
  name: "top",
  usage: "fstream [host:port] top",
  about: "show channels and watchers live",
  help: HELP,
  flags: FLAGS,
  run: (args, context) =>
    runApiCommand(args, context, {
      flags: FLAGS,
      maxWords: 0,
      needsUser: true,
      run: async (api, { values }, signal) => {
        const state = new TopState(values.get("channel"));
        await refresh(api, state, PLAIN_WATCHERS);
        if (!Screen.isPossible) answer(plainTop(state));
        else await interact(api, state, context.address ?? "", signal);
      },
    }),
};

async function interact(
  api: ApiClient,
  state: TopState,
  title: string,
  signal: AbortSignal,
): Promise<void> {
  using screen = new Screen();
  let isAsking = false;
  let failure: unknown;
  // Keys are obeyed while the server is asked.
  const ask = async (action: TopAction): Promise<void> => {
    if (isAsking && action.do === "refresh") return;
    isAsking = true;
    try {
      await act(api, state, action);
      await refresh(api, state, screen.size.rows);
    } catch (error) {
      if (passes(error)) state.message = messageOf(error);
      else failure = error;
    }
    isAsking = false;
    screen.redraw();
  };
  for (;;) {
    if (failure !== undefined) throw failure;
    screen.draw(topLines(state, title, screen.size));
    const event = await untilAborted(screen.next(), signal);
    if (event === "redraw") continue;
    const action = event === "tick" ? REFRESH : state.press(event);
    if (action?.do === "quit") return;
    if (action) ask(action);
  }
}

const REFRESH: TopAction = { do: "refresh" };

/** Whether an error may pass: a server that is restarted comes back, and a channel may end at any time. */
function passes(error: unknown): boolean {
  return error instanceof ConnectionError ||
    (error instanceof Refusal && error.code !== "denied");
}

/** Asks for the channels, and for the watchers of the chosen one. */
async function refresh(
  api: ApiClient,
  state: TopState,
  watchers: number,
): Promise<void> {
  const list = await api.ask("/api/channels?scope=managed") as {
    channels: readonly ManagedChannelJson[];
    unanswered?: readonly string[];
  };
  state.update(list.channels.toSorted(byName));
  state.unanswered = list.unanswered ?? [];
  const { channel, sort } = state;
  state.detail = undefined;
  if (!channel) return;
  const query = `?sort=${sort}&limit=${watchers}`;
  state.detail = await api.ask(pathOf(channel) + query) as ChannelDetailJson;
}

async function act(
  api: ApiClient,
  state: TopState,
  action: TopAction,
): Promise<void> {
  if (action.do === "end") {
    await api.ask(`${pathOf(action.channel)}/end`, "POST");
    state.message = `${nameOf(action.channel)} has ended`;
  }
  if (action.do === "kick") {
    const { channel, watcher } = action;
    await api.ask(`${pathOf(channel)}/kick?watcher=${watcher.id}`, "POST");
    state.message = `watcher ${watcher.id} is disconnected`;
  }
}

function pathOf({ user, channel }: ManagedChannelJson): string {
  const parts = [user, channel].map(encodeURIComponent);
  return `/api/channels/${parts.join("/")}`;
}
