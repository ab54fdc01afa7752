import { assertEquals } from "@std/assert";
import { MAX_MESSAGE_BYTES } from "../../lib/cluster/media_message.ts";
import {
  type Answers,
  encodeAnswer,
  Gathering,
  MAX_ANSWER_CHARS,
  Questions,
} from "../../lib/cluster/questions.ts";
import { type Fields, writeJson } from "../../lib/cluster/json.ts";
import { TestCluster } from "./nodes.ts";

/** Nodes that know each other, each with questions that it answers. */
async function asking(
  count: number,
  answer: (node: string, question: Fields) => unknown,
): Promise<{ cluster: TestCluster; questions: Questions[] }> {
  const cluster = new TestCluster(count);
  const questions = cluster.nodes.map(({ context, roster, name }) =>
    new Questions(context, () => roster.nodes, (asked) => answer(name, asked))
  );
  await cluster.pass(3000);
  return { cluster, questions };
}

async function answered(
  cluster: TestCluster,
  asked: Promise<Answers>,
): Promise<Answers> {
  await cluster.settle();
  const { answers, unanswered } = await asked;
  const byNode = [...answers].sort((a, b) => a.node < b.node ? -1 : 1);
  return { answers: byNode, unanswered };
}

Deno.test("Questions.ask() gathers what every other node answers, whatever its length", async () => {
  const long = 'ä"\\\u0001\ud83d\ude00'.repeat(50_000);
  const { cluster, questions } = await asking(4, (node, { what }) => {
    if (node === "n1") return { what, long };
    return node === "n2" ? undefined : { what, node };
  });
  using _cluster = cluster;
  const asked = questions[0]!.ask({ what: 7 });
  assertEquals(await answered(cluster, asked), {
    answers: [
      { node: "n1", answer: { what: 7, long } },
      { node: "n3", answer: { what: 7, node: "n3" } },
    ],
    unanswered: [],
  });
});

Deno.test("Questions.ask() names the nodes that do not answer in time, and no node at all waits for none", async () => {
  const { cluster, questions } = await asking(3, (node) => node);
  using _cluster = cluster;
  cluster.nats.reaches = (_, to) => to !== "n2";
  assertEquals(await answered(cluster, questions[0]!.ask({})), {
    answers: [{ node: "n1", answer: "n1" }],
    unanswered: ["n2"],
  });
  cluster.nodes[0]!.control.isConnected = false;
  const alone = await answered(cluster, questions[0]!.ask({}));
  assertEquals(alone, { answers: [], unanswered: ["n1", "n2"] });
  const single = await asking(1, () => 1);
  using _single = single.cluster;
  assertEquals(await single.questions[0]!.ask({}), {
    answers: [],
    unanswered: [],
  });
});

Deno.test("Questions.ask() has a bounded number of questions open", async () => {
  const { cluster, questions } = await asking(2, () => 1);
  using _cluster = cluster;
  const asked = Array.from({ length: 65 }, () => questions[0]!.ask({}));
  assertEquals((await asked.at(-1))!.unanswered, ["n1"]);
  await cluster.settle();
  const all = await Promise.all(asked.slice(0, -1));
  assertEquals(all.every(({ answers }) => answers.length === 1), true);
});

Deno.test("Gathering.take() keeps no more of an answer than it may be long, and waits for the others", async () => {
  const gathering = new Gathering([
    { id: "long", name: "a" },
    { id: "short", name: "b" },
  ]);
  const text = "x".repeat(1_000_000);
  for (let at = 0; at < 3 * MAX_ANSWER_CHARS; at += text.length) {
    gathering.take(writeJson({ node: "long", at, isLast: false, text }));
  }
  assertEquals(gathering.waitingChars <= MAX_ANSWER_CHARS, true);
  for (const part of encodeAnswer("short", 7)) gathering.take(part);
  gathering.finish();
  assertEquals(await gathering.done, {
    answers: [{ node: "b", answer: 7 }],
    unanswered: ["a"],
  });
});

Deno.test("encodeAnswer() makes messages that fit into one of NATS, whatever they hold", () => {
  for (const char of ["\u0001", "ä", '"', "\ud800", "a"]) {
    const parts = [...encodeAnswer("n".repeat(64), char.repeat(100_000))];
    for (const { length } of parts) {
      assertEquals(length <= MAX_MESSAGE_BYTES, true, `${char}: ${length}`);
    }
  }
});
