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
