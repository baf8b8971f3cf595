#include "compiler/warning/proof.h"

#include "compiler/lowering.h"
#include "compiler/pass.h"
#include "grammar/parse.h"

namespace bpfc::warning {

bool matches_nothing(const ast::Filter& filter, const CompileOptions& options) {
  auto graph = lower(filter, options);
  if (!graph) return false;
  // Those that decide; the others only find shorter ways to ask.
  for (const auto& decide : {fold, simplify, decide_by_facts})
    *graph = decide(std::move(*graph), {});
  const ir::Node& root = (*graph)[graph->root];
  return root.kind == ir::NodeKind::kReturn && root.k == 0;
}

bool can_match(std::string_view expression, const CompileOptions& options) {
  const auto filter = grammar::parse(expression);
  return filter && lower(*filter, options) && !matches_nothing(*filter, options);
}

}  // namespace bpfc::warning
