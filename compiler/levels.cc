#include "compiler/levels.h"

#include <array>
#include <cassert>
#include <optional>

#include "compiler/generate.h"
#include "compiler/lowering.h"
#include "compiler/reduction/reduce.h"
#include "peephole/peephole.h"

namespace bpfc {
namespace {

// At a level, after a profile or not.
std::optional<Program> program_at(Optimization level, const Profile* profile,
                                  const ast::Filter& filter, const CompileOptions& options) {
  auto lowered = lower(filter, options);
  if (!lowered) return std::nullopt;
  auto program = short_program(optimized(std::move(*lowered), {level, profile}));
  if (!program) return std::nullopt;
  return std::move(*program);
}

void take_shortest_of(std::span<const Optimization> levels, Program& program,
                      const Profile* profile, const ast::Filter& filter,
                      const CompileOptions& options) {
  for (const Optimization level : levels) {
    auto other = program_at(level, profile, filter, options);
    if (other && other->size() < program.size()) program = std::move(*other);
  }
}

}  // namespace

ir::Graph optimized(ir::Graph graph, const PassContext& context) {
  for (const Pass& pass : passes()) {
    graph = pass.run(std::move(graph), context);
    assert(!ir::check_graph(graph));
  }
  return graph;
}

Expected<Program, Diagnostic> short_program(const ir::Graph& graph) {
  auto program = generate(graph);
  if (program) *program = peephole::shortened(*program);
  return program;
}

void take_shortest(Program& program, const ast::Filter& filter, const CompileOptions& options) {
  constexpr std::array kOthers = {Optimization::kDefault, Optimization::kFull};
  take_shortest_of(kOthers, program, options.profile, filter, options);
  if (options.profile == nullptr) return;
  auto without = program_at(Optimization::kSize, nullptr, filter, options);
  if (!without) return;
  take_shortest_of(kOthers, *without, nullptr, filter, options);
  const auto counted = reduction::cost(program, options.profile);
  const auto guessed = reduction::cost(*without, options.profile);
  const bool pays = counted && guessed && *counted < *guessed;
  if (!pays || program.size() > without->size()) program = std::move(*without);
}

void take_cheapest(Program& program, const ast::Filter& filter, const CompileOptions& options) {
  const Profile* const profile = options.profile;
  auto least = reduction::cost(program, profile);
  for (const Optimization level : {Optimization::kDefault, Optimization::kSize}) {
    // That no way is longer says little of what packets take: kSize does not ask first what
    // rejects.
    if (least && profile == nullptr && level == Optimization::kSize) break;
    auto other = program_at(level, profile, filter, options);
    const auto cost = other ? reduction::cost(*other, profile) : std::nullopt;
    if (!cost) continue;
    // A guess may be wrong, but not where no way is longer.
    const bool better = least && profile == nullptr ? reduction::never_worse(*other, program)
                                                    : !least || *cost < *least;
    if (!better) continue;
    least = cost;
    program = std::move(*other);
  }
  program = reduction::reduced(program, profile);
}

}  // namespace bpfc
