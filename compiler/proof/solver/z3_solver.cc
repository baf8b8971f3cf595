#include "proof/solver/z3_solver.h"

#include <algorithm>

#include "proof/solver/z3_machine.h"
#include "proof/symbolic_run.h"

namespace bpfc::proof {
namespace {

using Clock = std::chrono::steady_clock;

// The search for the packet, then for a better one. Whatever takes too long leaves what there is.
class PacketSearch {
 public:
  PacketSearch(z3::context& context, const Search& search)
      : search_(search),
        machine_(context, search.first.rules(), search.deadline),
        solver_(context, "QF_AUFBV") {}

  Finding run();

 private:
  z3::check_result check();
  // Takes the model, if there is one with the condition, and keeps the condition.
  z3::check_result wish(const z3::expr& condition);
  void wish_likely();
  void shorten();

  const Search& search_;
  Z3Machine machine_;
  z3::solver solver_;
  std::optional<z3::model> model_;
  bool conclusive_ = true;
};

z3::check_result PacketSearch::check() {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(search_.deadline - Clock::now());
  if (left.count() <= 0) return z3::unknown;
  constexpr std::chrono::milliseconds kMost{1'000'000'000};
  solver_.set("timeout", static_cast<unsigned>(std::min(left, kMost).count()));
  return solver_.check();
}

z3::check_result PacketSearch::wish(const z3::expr& condition) {
  solver_.push();
  solver_.add(condition);
  const z3::check_result result = check();
  if (result == z3::sat) {
    model_ = solver_.get_model();
    solver_.pop();
    solver_.add(condition);
  } else {
    solver_.pop();
    if (result == z3::unknown) conclusive_ = false;
  }
  return result;
}

void PacketSearch::wish_likely() {
  for (const auto& bytes : search_.likely) {
    if (wish(machine_.has_bytes(bytes)) == z3::sat) return;
  }
}

void PacketSearch::shorten() {
  std::uint32_t low = 0;
  while (conclusive_) {
    const std::uint32_t high = machine_.captured_length(*model_);
    if (low >= high) return;
    const std::uint32_t middle = low + (high - low) / 2;
    if (wish(machine_.captured_at_most(middle)) == z3::unsat) low = middle + 1;
  }
}

Finding PacketSearch::run() {
  Finding finding;
  const auto first = SymbolicRun(search_.first, machine_).verdict();
  const auto second =
      &search_.first == &search_.second ? first : SymbolicRun(search_.second, machine_).verdict();
  const auto condition = answers(machine_, search_.question, first, second);
  if (machine_.stopped()) {
    finding.reason = "the time is up";
    return finding;
  }
  solver_.add(machine_.term(condition));
  switch (check()) {
    case z3::unsat:
      finding.kind = Finding::Kind::kNone;
      return finding;
    case z3::unknown:
      finding.reason = Clock::now() >= search_.deadline ? "the time is up" : "the solver gave up";
      return finding;
    case z3::sat:
      break;
  }
  model_ = solver_.get_model();
  if (machine_.captured_length(*model_) > kLongestWitness) {
    const z3::check_result shorter = wish(machine_.captured_at_most(kLongestWitness));
    if (shorter != z3::sat) {
      finding.reason =
          shorter == z3::unsat ? "only packets above 64 MiB would tell" : "the time is up";
      return finding;
    }
  }
  if (!search_.shortest_of_all) wish_likely();
  shorten();
  finding.shortest = conclusive_;
  if (search_.shortest_of_all) wish_likely();
  if (wish(machine_.wire_length_is_captured()) != z3::sat) {
    wish(machine_.wire_length_at_least_captured());
  }
  finding.kind = Finding::Kind::kPacket;
  finding.witness = machine_.witness(*model_);
  finding.guessed = machine_.guesses();
  return finding;
}

}  // namespace

Finding Z3Solver::find(const Search& search) const {
  try {
    z3::context context;
    return PacketSearch(context, search).run();
  } catch (const z3::exception& failure) {
    Finding finding;
    finding.reason = std::string("the solver failed: ") + failure.msg();
    return finding;
  }
}

}  // namespace bpfc::proof
