#include "bpfc/compile.h"

#include <algorithm>

#include <fmt/format.h>

#include "bpfc/verify.h"
#include "compiler/check.h"
#include "compiler/layout.h"
#include "compiler/lowering.h"
#include "compiler/pass.h"
#include "compiler/rejects_all.h"
#include "compiler/select.h"
#include "grammar/parse.h"
#include "grammar/print.h"

namespace bpfc {
namespace {

constexpr std::string_view kTree = "ast";
constexpr std::string_view kLowered = "graph";

using Outcome = Expected<Compilation, Diagnostic>;

Expected<Program, Diagnostic> generate(const ir::Graph& graph) {
  for (const bool clear_cells : {false, true}) {
    auto selection = select_instructions(graph, clear_cells);
    if (!selection) return Unexpected<Diagnostic>(selection.error());
    Program program = lay_out(*selection);
    // Only the kernel's check of scratch memory may see more than plan_scratch() does.
    const auto wrong = broken_rule(program);
    if (wrong != VerifyRule::kScratchUnwritten || clear_cells) return program;
  }
  return Program{};
}

Outcome compile_tree(const ast::Filter& filter, const CompileOptions& options) {
  Compilation result;
  auto lowered = lower(filter, options);
  if (!lowered) return Unexpected<Diagnostic>(lowered.error());
  ir::Graph graph = std::move(*lowered);
  require_sound(graph, kLowered);
  if (options.dump == kTree) result.dump = grammar::to_text(filter);
  if (options.dump == kLowered) result.dump = ir::to_text(graph);

  if (options.optimize) {
    const SourceRange whole{0, static_cast<std::uint32_t>(filter.source.size())};
    auto rejection = [&, before = RejectionJudge(graph)](const ir::Graph& after) {
      return before.judge(after, whole);
    };
    for (const Pass& pass : passes()) {
      graph = pass.run(std::move(graph));
      require_sound(graph, pass.name);
      if (options.dump == pass.name) result.dump = ir::to_text(graph);
    }
    if (auto diagnostic = rejection(graph)) {
      if (diagnostic->code == DiagnosticCode::kRejectsAll) {
        return Unexpected<Diagnostic>(*diagnostic);
      }
      result.warnings.push_back(*diagnostic);
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
    return Unexpected<Diagnostic>(Diagnostic{
        DiagnosticCode::kBadOption, {}, "a snaplen of 0 would reject every packet", {}});
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
