/** Lines of a function, at most: what a reader can take in at once. */
const MAX_FUNCTION_LINES = 60;

/** House rules that `deno lint` has no rule for. */
const plugin: Deno.lint.Plugin = {
  name: "fstream",
  rules: {
    "private-by-hash": {
      create(context): Deno.lint.LintVisitor {
        const report = (node: Deno.lint.Node): void =>
          context.report({
            node,
            message: "Use a #name instead of the private keyword",
          });
        return {
          "PropertyDefinition[accessibility='private']": report,
          "MethodDefinition[accessibility='private']": report,
        };
      },
    },
    "short-functions": {
      create(context): Deno.lint.LintVisitor {
        const check = (node: Deno.lint.Node): void => {
          const lines = context.sourceCode.getText(node).split("\n").length;
          if (lines <= MAX_FUNCTION_LINES) return;
          const message =
            `A function has at most ${MAX_FUNCTION_LINES} lines, this one has ${lines}`;
          context.report({ node, message });
        };
        return {
          FunctionDeclaration: check,
          FunctionExpression: check,
          ArrowFunctionExpression: check,
        };
      },
    },
    "no-top-level-arrow": {
      create(context): Deno.lint.LintVisitor {
        const report = (node: Deno.lint.Node): void =>
          context.report({
            node,
            message: "Use a function declaration at the top level",
          });
        return {
          "Program > VariableDeclaration > VariableDeclarator > ArrowFunctionExpression":
            report,
        };
      },
    },
  },
};

export default plugin;
