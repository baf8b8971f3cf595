#include "bpfc/compile.h"

#include <fmt/format.h>

#include <cassert>

#include "compiler/generate.h"
#include "compiler/lowering.h"
#include "compiler/pass.h"
#include "compiler/rejects_all.h"
#include "grammar/parse.h"
#include "grammar/print.h"

namespace bpfc {
namespace {

constexpr std::string_view kTree = "ast";
constexpr std::string_view kLowered = "graph";

using Outcome = Expected<Compilation, Diagnostic>;

// What is to be said of a filter that matches nothing.
Diagnostic rejection(const ast::Filter& filter, const CompileOptions& options) {
  const SourceRange whole{0, static_cast<std::uint32_t>(filter.source.size())};
  const auto lowered = lower(filter, options, Relations::kApart);
  if (lowered && libpcap_refuses(filter, *lowered)) {
    return {DiagnosticCode::kRejectsAll, whole, "expression rejects all packets", {}};
  }
  return {DiagnosticCode::kWarnRejectsAll, whole, "no packet can match this expression", {}};
}

Outcome compile_tree(const ast::Filter& filter, const CompileOptions& options) {
  Compilation result;
  if (options.dump == kTree) result.dump = grammar::print(filter);
  auto lowered = lower(filter, options);
  if (!lowered) return Unexpected<Diagnostic>(lowered.error());
  ir::Graph graph = std::move(*lowered);
  assert(!ir::check_graph(graph));
  if (options.dump == kLowered) result.dump = ir::to_text(graph);

  if (options.optimize) {
    for (const Pass& pass : passes()) {
      graph = pass.run(std::move(graph));
      assert(!ir::check_graph(graph));
      if (options.dump == pass.name) result.dump = ir::to_text(graph);
    }
    const ir::Node& root = graph[graph.root];
    if (root.kind == ir::NodeKind::kReturn && root.k == 0) {
      Diagnostic diagnostic = rejection(filter, options);
      if (diagnostic.code == DiagnosticCode::kRejectsAll) {
        return Unexpected<Diagnostic>(std::move(diagnostic));
      }
      result.warnings.push_back(std::move(diagnostic));
    }
  }

  auto program = generate(graph);
  if (!program) return Unexpected<Diagnostic>(program.error());
  result.program = std::move(*program);
  if (result.program.size() > kKernelMaxInstructions) {
    result.warnings.push_back(
        {DiagnosticCode::kWarnProgramTooLong,
         {},
         fmt::format("the program has {} instructions, and the kernel takes at most {}: it runs "
                     "in user space only",
                     result.program.size(), kKernelMaxInstructions),
         {}});
  }
  return result;
}

Outcome compile_text(std::string_view expression, const CompileOptions& options) {
  auto filter = grammar::parse(expression);
  if (!filter) return Unexpected<Diagnostic>(filter.error());
  return compile_tree(*filter, options);
}

}  // namespace

Outcome compile(std::string_view expression, const CompileOptions& options) {
  if (options.snaplen == 0) {
    return Unexpected<Diagnostic>(
        Diagnostic{DiagnosticCode::kBadOption, {}, "a snaplen of 0 would reject every packet", {}});
  }
  auto outcome = compile_text(expression, options);
  if (!outcome && !outcome.error().hint.empty()) {
    // A hint is a filter that compiles, or there is none.
    if (!compile_text(outcome.error().hint, options)) outcome.error().hint.clear();
  }
  return outcome;
}

std::vector<std::string_view> dump_stages() {
  std::vector<std::string_view> stages = {kTree, kLowered};
  for (const Pass& pass : passes()) stages.push_back(pass.name);
  return stages;
}

}  // namespace bpfc
