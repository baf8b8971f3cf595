// For `host A or host B or ...` the fields are the ethertype, the two addresses of IPv4 and the two
// of ARP, all in bytes 12 to 42: one window. The addresses are looked up in one set.
#include "jit/field_plan.h"

#include <xbyak/xbyak_util.h>

#include <algorithm>
#include <bitset>
#include <functional>
#include <numeric>

namespace bpfc::jit {
namespace {

constexpr std::size_t kFewestTests = 3;  // with fewer, branches are as good
constexpr std::uint32_t kSmallestWindow = 16;

bool machine_has_vectors() {
  using Xbyak::util::Cpu;
  const Cpu cpu;
  return cpu.has(Cpu::tAVX512F) && cpu.has(Cpu::tAVX512BW) && cpu.has(Cpu::tAVX512VL) &&
         cpu.has(Cpu::tAVX512DQ) && cpu.has(Cpu::tAVX512_VBMI);
}

// Windows of one size that hold all the bytes; none: that takes more than 64 bytes.
std::optional<std::vector<FieldWindow>> cover(const std::bitset<kFarthestField>& bytes,
                                              std::uint32_t end, std::uint32_t size) {
  if (end < size) return std::nullopt;
  std::vector<FieldWindow> windows;
  std::uint32_t covered = 0;  // all before it are
  for (std::uint32_t at = 0; at < end; ++at) {
    if (!bytes[at] || at < covered) continue;
    const std::uint32_t offset = std::min(at, end - size);
    windows.push_back({offset, size});
    covered = offset + size;
  }
  if (windows.size() * size > kVectorSize) return std::nullopt;
  return windows;
}

// For all tests, and for what is searched in lanes.
std::optional<std::vector<FieldWindow>> windows_for(const FieldDecision& decision,
                                                    const std::vector<LaneSearch>& searches) {
  std::bitset<kFarthestField> bytes;
  const auto add = [&](const auto& test) {
    for (std::uint32_t i = 0; i < test.size; ++i) bytes.set(test.offset + i);
  };
  for (const FieldTest& test : decision.tests) add(test);
  for (const LaneSearch& search : searches) {
    for (const std::uint32_t test : search.tests) add(decision.sets[test]);
  }
  for (const std::uint32_t size : {kVectorSize, 32U, kSmallestWindow}) {
    if (auto windows = cover(bytes, decision.least_captured, size)) return windows;
  }
  return std::nullopt;
}

// Whether no packet whose field is the value comes to the set's test: another test has found it.
bool is_never_asked(const FieldDecision& decision, std::uint32_t set, std::uint32_t value) {
  const SetTest& asked = decision.sets[set];
  const std::uint32_t whole = FieldValue::field(asked.offset, asked.size).mask;
  const FieldTest equal = {asked.offset, asked.size, whole, value, 0};
  const auto found = std::ranges::find(decision.tests, equal);
  if (found == decision.tests.end()) return false;
  const auto test = static_cast<std::uint32_t>(found - decision.tests.begin());
  std::vector<bool> seen(decision.nodes.size());
  std::vector<std::uint32_t> pending = {decision.start};
  while (!pending.empty()) {
    const std::uint32_t at = pending.back();
    pending.pop_back();
    if (at >= kFirstOutcome || seen[at]) continue;
    seen[at] = true;
    const DecisionNode& node = decision.nodes[at];
    if (!node.otherwise && node.test == decision.tests.size() + set) return false;
    pending.push_back(node.on_true);
    if (node.otherwise || node.test != test) pending.push_back(node.on_false);
  }
  return true;
}

// Whether the set may be searched as if it had these members: what is more in them is never asked.
bool may_be(const FieldDecision& decision, std::uint32_t set,
            const std::vector<PartitionPiece>& members) {
  constexpr std::size_t kMostMore = 2;
  const std::vector<PartitionPiece>& own = decision.sets[set].set.members;
  if (own.size() + kMostMore < members.size()) return false;
  std::size_t shared = 0;
  for (const PartitionPiece& member : members) {
    const auto same = [&](const PartitionPiece& piece) {
      return piece.low == member.low && piece.high == member.high;
    };
    if (std::ranges::any_of(own, same)) {
      ++shared;
    } else if (member.low != member.high || !is_never_asked(decision, set, member.low)) {
      return false;
    }
  }
  return shared == own.size();
}

// `host A or host B or ...` asks for A as the source before it asks for the others, as the
// destination with them: one set is searched for both.
std::vector<LaneSearch> lane_searches(const FieldDecision& decision) {
  std::vector<std::uint32_t> largest_first(decision.sets.size());
  std::iota(largest_first.begin(), largest_first.end(), 0U);
  const auto members = [&](std::uint32_t set) -> const auto& {
    return decision.sets[set].set.members;
  };
  std::ranges::stable_sort(largest_first, std::ranges::greater(),
                           [&](std::uint32_t set) { return members(set).size(); });
  std::vector<LaneSearch> searches;
  for (const std::uint32_t set : largest_first) {
    const auto same = std::ranges::find_if(searches, [&](const LaneSearch& search) {
      return may_be(decision, set, members(search.tests.front()));
    });
    if (same != searches.end()) {
      same->tests.push_back(set);
    } else if (auto lanes = find_lane_set(members(set))) {
      searches.push_back({*std::move(lanes), {set}});
    }
  }
  return searches;
}

}  // namespace

std::optional<FieldPlan> plan_fields(const VerifiedProgram& program, const Flow& flow,
                                     const NeededLengths& lengths) {
  if (flow.loops() || lengths.needed(0) == kNeverAccepts || !machine_has_vectors()) {
    return std::nullopt;
  }
  FieldPlan plan;
  plan.decision = decide_by_fields(program, flow, lengths, kMostFieldTests, kFarthestField);
  FieldDecision& decision = plan.decision;
  // Shorter packets are rare, and windows are not.
  decision.least_captured = std::max(decision.least_captured, kSmallestWindow);
  if (decision.tests.size() + 2 * decision.sets.size() < kFewestTests) return std::nullopt;
  plan.searches = lane_searches(decision);
  auto windows = windows_for(decision, plan.searches);
  if (!windows && !plan.searches.empty()) {
    plan.searches.clear();
    windows = windows_for(decision, plan.searches);
  }
  if (!windows) return std::nullopt;
  plan.windows = *std::move(windows);

  std::vector<std::uint32_t> verdicts;
  for (const Outcome& outcome : decision.outcomes) {
    if (!outcome.continuation) verdicts.push_back(outcome.verdict);
  }
  if (verdicts.empty()) return std::nullopt;
  // Some range of numbers that no verdict lies in.
  const auto count = static_cast<std::uint32_t>(decision.continuations.size());
  while (std::any_of(verdicts.begin(), verdicts.end(), [&](std::uint32_t verdict) {
    return verdict - plan.first_continuation < count;
  })) {
    plan.first_continuation += 1U << 20U | 1U;
  }
  std::vector<std::uint32_t> words;
  for (const Outcome& outcome : decision.outcomes) {
    words.push_back(outcome.continuation ? plan.first_continuation + *outcome.continuation
                                         : outcome.verdict);
  }
  auto levels = decision_tables(decision, words);
  if (!levels) return std::nullopt;
  plan.levels = *std::move(levels);
  return plan;
}

}  // namespace bpfc::jit
