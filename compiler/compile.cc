#include "bpfc/compile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <iterator>

#include "compiler/generate.h"
#include "compiler/levels.h"
#include "compiler/lowering.h"
#include "compiler/pass.h"
#include "compiler/paying_profile.h"
#include "compiler/reduction/reduce.h"
#include "compiler/rejects_all.h"
#include "compiler/remembered_names.h"
#include "compiler/socket_view.h"
#include "compiler/stage_clock.h"
#include "compiler/unasked_hosts.h"
#include "compiler/warning/warning.h"
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
  if (lowered && libpcap_refuses(filter, *options.link_type->rules, *lowered)) {
    return {DiagnosticCode::kRejectsAll, whole, "expression rejects all packets", {}};
  }
  return {DiagnosticCode::kWarnRejectsAll, whole, "no packet can match this expression", {}};
}

// A sample of saved packets says nothing of where the bytes of sockets lie otherwise; a missing
// VLAN tag is no matter.
const Profile* shown_profile(const CompileOptions& options) {
  const SocketView view = options.socket->view;
  const bool alike = view == SocketView::kFrames || view == SocketView::kEthernet;
  return alike ? options.profile : nullptr;
}

// The program of the optimized graph. What is kept for later by the passes may need more scratch
// memory than there is; the graph as it was lowered does with less.
Expected<Program, Diagnostic> program_of(const ir::Graph& graph, const ast::Filter& filter,
                                         const CompileOptions& options) {
  if (options.optimization == Optimization::kNone) return generate(graph);
  auto program = short_program(graph);
  if (program) return program;
  const auto lowered = lower(filter, options);
  return lowered ? short_program(*lowered) : program;
}

SocketFilter socket_filter(const ir::Graph& lowered, const CompileOptions& options) {
  ir::Graph seen = see_through_socket(lowered, *options.socket);
  assert(!ir::check_graph(seen));
  if (options.optimization != Optimization::kNone) {
    PassContext context{options.optimization, shown_profile(options)};
    context.profile = paying_profile(seen, context);
    seen = optimized(std::move(seen), context);
  }
  // Where everything is accepted nothing is left to decide.
  const ir::Node& root = lowered[lowered.root];
  const bool accepts_everything = root.kind == ir::NodeKind::kReturn && root.k != 0;
  if (auto program =
          options.optimization == Optimization::kNone ? generate(seen) : short_program(seen)) {
    if (options.optimization == Optimization::kFull) *program = reduction::reduced(*program);
    return {std::move(*program), accepts_everything || decides_every_packet(seen)};
  }
  // Two shapes of a packet can need more scratch memory than there is: all have to pass then.
  ir::Graph everything;
  everything.root = everything.add_return(~std::uint32_t{0});
  return {generate(see_through_socket(everything, *options.socket)).value(), false};
}

Outcome compile_tree(const ast::Filter& filter, const CompileOptions& options, StageClock& clock) {
  Compilation result;
  if (options.dump == kTree) result.dump = grammar::print(filter);
  auto lowered = lower(filter, options);
  if (!lowered) return Unexpected<Diagnostic>(lowered.error());
  ir::Graph graph = std::move(*lowered);
  clock.ended(kLowered);
  assert(!ir::check_graph(graph));
  if (options.dump == kLowered) result.dump = ir::to_text(graph);
  if (options.socket) result.socket_filter = socket_filter(graph, options);
  if (options.socket) clock.ended("socket");

  if (options.optimization != Optimization::kNone) {
    PassContext context{options.optimization, options.profile};
    if (options.profile != nullptr) {
      context.profile = paying_profile(graph, context);
      clock.ended("profile");
    }
    for (const Pass& pass : passes()) {
      graph = pass.run(std::move(graph), context);
      clock.ended(pass.name);
      assert(!ir::check_graph(graph));
      if (options.dump == pass.name) result.dump = ir::to_text(graph);
    }
    const ir::Node& root = graph[graph.root];
    if (root.kind == ir::NodeKind::kReturn && root.k == 0) {
      Diagnostic diagnostic = rejection(filter, options);
      if (diagnostic.code == DiagnosticCode::kRejectsAll) {
        return Unexpected<Diagnostic>(std::move(diagnostic));
      }
      if (options.warnings.has(diagnostic.code)) result.warnings.push_back(std::move(diagnostic));
    }
  }

  auto program = program_of(graph, filter, options);
  if (!program) return Unexpected<Diagnostic>(program.error());
  result.program = std::move(*program);
  if (options.optimization == Optimization::kSize) {
    take_shortest(result.program, filter, options);
  }
  clock.ended("generate");
  if (options.optimization == Optimization::kFull) {
    take_cheapest(result.program, filter, options);
    clock.ended("reduce");
  }
  // Of a capture it is the socket's filter that is for the kernel.
  if (options.warnings.has(DiagnosticCode::kWarnProgramTooLong) && !options.socket &&
      result.program.size() > kKernelMaxInstructions) {
    result.warnings.push_back(
        {DiagnosticCode::kWarnProgramTooLong,
         {},
         fmt::format("the program has {} instructions, and the kernel takes at most {}: it runs "
                     "in user space only",
                     result.program.size(), kKernelMaxInstructions),
         {}});
  }
  if (!options.warnings.without(kFreeWarnings).empty()) {
    std::vector<Diagnostic> found = warning::find_warnings(filter, options);
    result.warnings.insert(result.warnings.end(), std::make_move_iterator(found.begin()),
                           std::make_move_iterator(found.end()));
    clock.ended("warnings");
  }
  result.times = clock.take();
  return result;
}

Outcome compile_text(std::string_view expression, const CompileOptions& options) {
  StageClock clock(options.time_stages);
  auto filter = grammar::parse(expression);
  if (!filter) return Unexpected<Diagnostic>(filter.error());
  clock.ended(kTree);
  return compile_tree(*filter, options, clock);
}

// A hint is a filter that compiles and matches something, and does not draw the warning as often as
// what it is meant to replace; or there is none.
void check_hints(std::vector<Diagnostic>& warnings, const CompileOptions& options) {
  const auto count = [](const std::vector<Diagnostic>& list, DiagnosticCode code) {
    return std::count_if(list.begin(), list.end(),
                         [code](const Diagnostic& entry) { return entry.code == code; });
  };
  for (Diagnostic& diagnostic : warnings) {
    if (diagnostic.hint.empty()) continue;
    CompileOptions check = options;
    check.warnings = {diagnostic.code, DiagnosticCode::kWarnRejectsAll};
    check.optimization = Optimization::kDefault;  // or nothing is said to match nothing
    check.profile = nullptr;
    const auto outcome = compile_text(diagnostic.hint, check);
    const bool good = outcome && count(outcome->warnings, DiagnosticCode::kWarnRejectsAll) == 0 &&
                      count(outcome->warnings, diagnostic.code) < count(warnings, diagnostic.code);
    if (!good) diagnostic.hint.clear();
  }
}

Outcome compile_and_check_hints(std::string_view expression, const CompileOptions& options) {
  auto outcome = compile_text(expression, options);
  if (outcome) {
    check_hints(outcome->warnings, options);
  } else if (!outcome.error().hint.empty()) {
    // Whether a host in it is known is not worth a wait.
    const UnaskedHosts names(options.resolver, expression);
    CompileOptions check = options;
    check.resolver = &names;
    if (!compile_text(outcome.error().hint, check)) outcome.error().hint.clear();
  }
  return outcome;
}

}  // namespace

Outcome compile(std::string_view expression, const CompileOptions& options) {
  if (options.snaplen == 0) {
    return Unexpected<Diagnostic>(
        Diagnostic{DiagnosticCode::kBadOption, {}, "a snaplen of 0 would reject every packet", {}});
  }
  if (options.resolver == nullptr) return compile_and_check_hints(expression, options);
  const RememberedNames names(*options.resolver);
  CompileOptions remembering = options;
  remembering.resolver = &names;
  return compile_and_check_hints(expression, remembering);
}

std::vector<std::string_view> dump_stages() {
  std::vector<std::string_view> stages = {kTree, kLowered};
  for (const Pass& pass : passes()) stages.push_back(pass.name);
  return stages;
}

}  // namespace bpfc
