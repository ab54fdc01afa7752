import { assertEquals, assertStrictEquals } from "@std/assert";
import { KeyedList } from "../../../../lib/web/pages/ui/keyed_list.js";

/** The page's own type, which tests do not load. */
type Parent = ConstructorParameters<typeof KeyedList>[0];

/** An element as far as the list uses it. */
class FakeElement {
  children: FakeElement[] = [];
  parent: FakeElement | undefined;
  /** How often it was put somewhere. */
  moves = 0;

  get firstElementChild(): FakeElement | null {
    return this.children[0] ?? null;
  }

  get nextElementSibling(): FakeElement | null {
    const siblings = this.parent?.children ?? [];
    return siblings[siblings.indexOf(this) + 1] ?? null;
  }

  insertBefore(child: FakeElement, place: FakeElement | null): void {
    child.remove();
    child.moves++;
    child.parent = this;
    const at = place ? this.children.indexOf(place) : this.children.length;
    this.children.splice(at, 0, child);
  }

  remove(): void {
    const siblings = this.parent?.children ?? [];
    const at = siblings.indexOf(this);
    if (at >= 0) siblings.splice(at, 1);
    this.parent = undefined;
  }
}

type Item = readonly [key: string, text: string];

/** A row that knows what it was told last. */
class Row {
  readonly element = new FakeElement() as unknown as Parent;
  text = "";

  update([, text]: Item): void {
    this.text = text;
  }
}

/** A list under test, with what its parent shows. */
function scene(): {
  readonly list: KeyedList<Item, Row>;
  shown(): string;
} {
  const parent = new FakeElement();
  const list = new KeyedList<Item, Row>(
    parent as unknown as Parent,
    ([key]) => key,
    () => new Row(),
  );
  const shown = (): string => {
    const rows = list.rows;
    return parent.children.map((child) =>
      rows.find(({ element }) => element as unknown as FakeElement === child)!
        .text
    ).join(" ");
  };
  return { list, shown };
}

function items(...keys: string[]): Item[] {
  return keys.map((key) => [key.charAt(0), key] as const);
}

Deno.test("KeyedList shows items in their order, and keeps the element of each", () => {
  const { list, shown } = scene();
  list.show(items("a1", "b1", "c1"));
  assertEquals(shown(), "a1 b1 c1");
  const [a] = list.rows;
  list.show(items("c2", "a2", "d2"));
  assertEquals(shown(), "c2 a2 d2");
  assertStrictEquals(list.rows[1], a);
  list.show([]);
  assertEquals(shown(), "");
});

Deno.test("KeyedList moves no element whose place is right, which would take the focus", () => {
  const { list, shown } = scene();
  list.show(items("b", "d"));
  const [b, d] = list.rows.map(({ element }) =>
    element as unknown as FakeElement
  );
  list.show(items("a", "b", "c", "d"));
  assertEquals(shown(), "a b c d");
  assertEquals([b!.moves, d!.moves], [1, 1]);
});

Deno.test("KeyedList keeps rows in their places if asked to: new ones come last, others go", () => {
  const { list, shown } = scene();
  list.show(items("a1", "b1", "c1"));
  list.show(items("d2", "c2", "a2"), true);
  assertEquals(shown(), "a2 c2 d2");
  list.show(items("d3", "c3", "a3"));
  assertEquals(shown(), "d3 c3 a3");
});
