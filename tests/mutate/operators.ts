import ts from "typescript";
import type { Kind, Mutant } from "./mutant.ts";

/** From here on a number is doubled or halved instead of changed by one: it is a cap, not a field. */
const LARGE = 1000;

/** Fields that stand in for one, at most. */
const MAX_FIELDS = 2;

/** Operators that are exchanged for each other. */
const EXCHANGED: ReadonlyMap<ts.SyntaxKind, readonly [Kind, string]> = new Map([
  [ts.SyntaxKind.LessThanToken, ["boundary", "<="]],
  [ts.SyntaxKind.LessThanEqualsToken, ["boundary", "<"]],
  [ts.SyntaxKind.GreaterThanToken, ["boundary", ">="]],
  [ts.SyntaxKind.GreaterThanEqualsToken, ["boundary", ">"]],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, ["condition", "!=="]],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, ["condition", "==="]],
  [ts.SyntaxKind.AmpersandAmpersandToken, ["condition", "||"]],
  [ts.SyntaxKind.BarBarToken, ["condition", "&&"]],
  [ts.SyntaxKind.PlusToken, ["arithmetic", "-"]],
  [ts.SyntaxKind.MinusToken, ["arithmetic", "+"]],
  [ts.SyntaxKind.PlusEqualsToken, ["arithmetic", "-="]],
  [ts.SyntaxKind.MinusEqualsToken, ["arithmetic", "+="]],
]);

/** Operators of which one side alone is a condition that someone forgot. */
const DROPPABLE: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.AmpersandAmpersandToken,
  ts.SyntaxKind.BarBarToken,
  ts.SyntaxKind.QuestionQuestionToken,
]);

/** Yields the kind of change, the place, and what replaces it. */
type Changes = Generator<readonly [Kind, ts.Node, string]>;

/**
 * Every mutant of a file, in the order of its text, whether or not its types fit.
 *
 * @param path The file, from the root of the project.
 * @param file Its syntax tree, with parents.
 * @param checker Knows which fields are of the same type.
 */
export function mutantsOf(
  path: string,
  file: ts.SourceFile,
  checker: ts.TypeChecker,
): Mutant[] {
  const mutants: Mutant[] = [];
  const visit = (node: ts.Node): void => {
    if (isOutside(node)) return;
    for (const [kind, place, text] of changes(node, checker)) {
      const [start, end] = [place.getStart(file), place.getEnd()];
      mutants.push({ path, kind, start, end, text });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return mutants;
}

/** Whether nothing in it runs, or all it does is word a message. */
function isOutside(node: ts.Node): boolean {
  return ts.isImportDeclaration(node) || ts.isExportDeclaration(node) ||
    ts.isTypeNode(node) || ts.isThrowStatement(node) ||
    ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
}

function* changes(node: ts.Node, checker: ts.TypeChecker): Changes {
  if (ts.isBinaryExpression(node)) yield* ofBinary(node);
  if (ts.isIfStatement(node)) yield* ofCondition(node.expression);
  if (ts.isConditionalExpression(node)) yield* ofCondition(node.condition);
  if (ts.isExpressionStatement(node)) yield* ofStatement(node);
  if (ts.isAwaitExpression(node) && !isAwaitedBehind(node)) {
    yield ["await", node, node.expression.getText()];
  }
  if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
    yield* ofArguments(node);
  }
  if (ts.isPropertyAccessExpression(node)) yield* ofField(node, checker);
  yield* ofExtreme(node);
  yield* ofLiteral(node);
}

function* ofBinary(node: ts.BinaryExpression): Changes {
  const { left, operatorToken, right } = node;
  const exchanged = EXCHANGED.get(operatorToken.kind);
  if (exchanged) yield [exchanged[0], operatorToken, exchanged[1]];
  if (!DROPPABLE.has(operatorToken.kind)) return;
  yield ["condition", node, left.getText()];
  yield ["condition", node, right.getText()];
}

/** Keeps the condition in the text, so that types are narrowed as before. */
function* ofCondition(condition: ts.Expression): Changes {
  yield ["condition", condition, `true || (${condition.getText()})`];
  yield ["condition", condition, `false && (${condition.getText()})`];
}

function* ofStatement(node: ts.ExpressionStatement): Changes {
  const awaited = node.expression;
  const does = ts.isAwaitExpression(awaited) ? awaited.expression : awaited;
  if (
    ts.isCallExpression(does) || ts.isDeleteExpression(does) ||
    ts.isPostfixUnaryExpression(does) || ts.isPrefixUnaryExpression(does) ||
    ts.isBinaryExpression(does)
  ) yield ["statement", node, ";"];
}

/** Whether the caller awaits the same: of what is returned outside of `try`. */
function isAwaitedBehind(node: ts.AwaitExpression): boolean {
  if (!ts.isReturnStatement(node.parent)) return false;
  return !ts.findAncestor(
    node,
    (each) => ts.isFunctionLike(each) ? "quit" : ts.isTryStatement(each),
  );
}

function* ofArguments(call: ts.CallExpression | ts.NewExpression): Changes {
  const list = call.arguments ?? [];
  // Which of them is larger does not depend on their order.
  if (/^Math\.(min|max)$/.test(call.expression.getText())) return;
  for (const [index, second] of list.entries()) {
    const first = list[index - 1];
    if (!first || first.getText() === second.getText()) continue;
    const pair = ts.setTextRange(ts.factory.createComma(first, second), {
      pos: first.pos,
      end: second.end,
    });
    yield ["arguments", pair, `${second.getText()}, ${first.getText()}`];
  }
}

function* ofField(
  node: ts.PropertyAccessExpression,
  checker: ts.TypeChecker,
): Changes {
  const isCalled = ts.isCallExpression(node.parent) &&
    node.parent.expression === node;
  if (isCalled) return;
  const own = checker.typeToString(checker.getTypeAtLocation(node));
  const owner = checker.getTypeAtLocation(node.expression);
  const others = checker.getPropertiesOfType(owner).filter((property) =>
    property.name !== node.name.text && /^[a-z]\w*$/i.test(property.name) &&
    !(property.flags & ts.SymbolFlags.Method) && !isBuiltIn(property) &&
    checker.typeToString(checker.getTypeOfSymbolAtLocation(property, node)) ===
      own
  );
  for (const { name } of others.slice(0, MAX_FIELDS)) {
    yield ["field", node.name, name];
  }
}

/** Whether a field is of the language or the runtime: a length in bytes is that in elements, for bytes. */
function isBuiltIn({ declarations }: ts.Symbol): boolean {
  return declarations?.some((each) => each.getSourceFile().isDeclarationFile) ??
    false;
}

/** `Math.min` for `Math.max`, and the reverse. */
function* ofExtreme(node: ts.Node): Changes {
  if (!ts.isPropertyAccessExpression(node)) return;
  if (node.expression.getText() !== "Math") return;
  if (node.name.text === "min") yield ["boundary", node.name, "max"];
  if (node.name.text === "max") yield ["boundary", node.name, "min"];
}

function* ofLiteral(node: ts.Node): Changes {
  if (ts.isNumericLiteral(node)) {
    const value = Number(node.text);
    if (value >= LARGE) {
      yield ["constant", node, `${value * 2}`];
      yield ["constant", node, `${Math.floor(value / 2)}`];
      return;
    }
    yield ["constant", node, `${value + 1}`];
    if (value > 0) yield ["constant", node, `${value - 1}`];
  } else if (node.kind === ts.SyntaxKind.TrueKeyword) {
    yield ["constant", node, "false"];
  } else if (node.kind === ts.SyntaxKind.FalseKeyword) {
    yield ["constant", node, "true"];
  } else if (ts.isStringLiteral(node) && isWord(node)) {
    yield ["constant", node, JSON.stringify(`${node.text}~`)];
  }
}

/** A key, a header, a code: what a program reads. What has spaces is read by people. */
function isWord(node: ts.StringLiteral): boolean {
  return node.text !== "" && !node.text.includes(" ");
}
