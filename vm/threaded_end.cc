// The branch at the end of a block, with the loads before it and the tests behind it that can be
// taken together with it. The forms are in threaded_code.cc's words.
#include <algorithm>
#include <cassert>
#include <limits>

#include "vm/opcode.h"
#include "vm/threaded_decoder.h"

namespace bpfc {
namespace {

constexpr std::uint32_t kMost = ~0U;
// What a step has room for, where it loads and tests.
constexpr std::uint32_t kLargestOffset = std::numeric_limits<decltype(Step::offset)>::max();
// With fewer pieces some branches are as good as a search.
constexpr std::size_t kFewestSelected = 6;

// The values that lead to the block.
std::vector<ValueRange> members_of(const SetTest& set, std::uint32_t block) {
  if (block == set.inside) return set.members;
  std::vector<ValueRange> others;
  std::uint64_t next = 0;
  for (const ValueRange& member : set.members) {
    if (next < member.low) others.push_back({static_cast<std::uint32_t>(next), member.low - 1});
    next = std::uint64_t{member.high} + 1;
  }
  if (next <= kMost) others.push_back({static_cast<std::uint32_t>(next), kMost});
  return others;
}

TestSource source_of(const PlainLoad& load) {
  switch (load.size) {
    case 1:
      return load.indexed ? TestSource::kIndexedByte : TestSource::kByte;
    case 2:
      return load.indexed ? TestSource::kIndexedHalf : TestSource::kHalf;
    default:
      return load.indexed ? TestSource::kIndexedWord : TestSource::kWord;
  }
}

// The source that begins with an `ldxb`.
std::optional<TestSource> behind_header(TestSource source) {
  switch (source) {
    case TestSource::kIndexedByte:
      return TestSource::kHeaderByte;
    case TestSource::kIndexedHalf:
      return TestSource::kHeaderHalf;
    default:
      return std::nullopt;
  }
}

// The source that loads again where the first value does not hold.
std::optional<TestSource> either_of(TestSource source) {
  switch (source) {
    case TestSource::kHalf:
      return TestSource::kEitherHalf;
    case TestSource::kWord:
      return TestSource::kEitherWord;
    case TestSource::kIndexedHalf:
      return TestSource::kEitherIndexedHalf;
    case TestSource::kHeaderHalf:
      return TestSource::kEitherHeaderHalf;
    default:
      return std::nullopt;
  }
}

// What a branch on a constant holds true, of the value under a mask.
struct BranchValues {
  std::vector<ValueRange> members;
  std::uint32_t mask = ~0U;
};
BranchValues values_of(const DecodedInstruction& branch) {
  switch (branch.operation) {
    case Operation::kJumpEqualConstant:
      return {{{branch.k, branch.k}}};
    case Operation::kJumpGreaterConstant:
      if (branch.k == kMost) return {};
      return {{{branch.k + 1, kMost}}};
    case Operation::kJumpGreaterOrEqualConstant:
      return {{{branch.k, kMost}}};
    default:
      return {{{1, kMost}}, branch.k};
  }
}

bool compares_with_x(Operation operation) {
  const auto parts = branch_parts(operation);
  return parts && parts->right == RightOperand::kX;
}

}  // namespace

void ThreadedDecoder::add_end(std::uint32_t block) {
  const FlowBlock& at = flow_.blocks()[block];
  const auto partition = ends_.partition(block, effort_);
  if ((!partition || partition->branches == 1) && add_bytes_test(block)) return;
  if (partition && partition->pieces.size() == 1) {
    add_items(items_.size());
    require(required_);
    add_jump(partition->pieces.front().block);
    return;
  }
  if (partition) {
    if (auto set = BlockEnds::as_set(*partition)) {
      add_set_test(*std::move(set), ~0U);
      return;
    }
    if (add_selection(*partition)) return;
  }
  add_branch_alone(at);
}

void ThreadedDecoder::add_jump(std::uint32_t block) {
  writer_.add(StepKind::kJump);
  writer_.lead_to_blocks(block, block);
  reach(block, captured_);
}

void ThreadedDecoder::add_comparison_with_x(const FlowBlock& at) {
  add_items(items_.size());
  require(required_);
  const std::uint32_t on_true = ends_.same_as(at.on_true);
  const std::uint32_t on_false = ends_.same_as(at.on_false);
  switch (branch_parts(code_[at.last].operation)->comparison) {
    case Comparison::kEqual:
      writer_.add(StepKind::kJumpEqualX);
      break;
    case Comparison::kGreater:
      writer_.add(StepKind::kJumpGreaterX);
      break;
    case Comparison::kGreaterOrEqual:
      writer_.add(StepKind::kJumpGreaterOrEqualX);
      break;
    case Comparison::kAnyBit:
      writer_.add(StepKind::kJumpAnyBitX);
      break;
  }
  writer_.lead_to_blocks(on_true, on_false);
  reach(on_true, captured_);
  reach(on_false, captured_);
}

void ThreadedDecoder::add_branch_alone(const FlowBlock& at) {
  if (compares_with_x(code_[at.last].operation)) {
    add_comparison_with_x(at);
    return;
  }
  BranchValues values = values_of(code_[at.last]);
  const std::uint32_t on_true = ends_.same_as(at.on_true);
  const std::uint32_t on_false = ends_.same_as(at.on_false);
  if (values.members.empty() || on_true == on_false) {
    add_items(items_.size());
    require(required_);
    add_jump(on_false);
    return;
  }
  add_set_test({std::move(values.members), on_true, on_false}, values.mask);
}

// Adds the equality that the block, and nothing else, tests, if it can be tested together with the
// others.
bool ThreadedDecoder::join_equality(std::uint32_t block, std::vector<EqualityTest>& joined) const {
  if (ends_.verdict(block) || required_at(block) > std::max(captured_, required_)) return false;
  std::uint32_t start = 0;
  const auto test = ends_.equality(block, {}, start);
  if (!test || start != flow_.blocks()[block].first) return false;
  if (test->different != joined.front().different) return false;
  std::uint32_t first = test->load.k;
  std::uint32_t end = test->load.end();
  for (const EqualityTest& other : joined) {
    first = std::min(first, other.load.k);
    end = std::max(end, other.load.end());
    // Bytes that two of them look at are left to the second one.
    if (test->load.k < other.load.end() && other.load.k < test->load.end()) return false;
  }
  if (end - first > sizeof(BytesTest::mask)) return false;
  joined.push_back(*test);
  return true;
}

bool ThreadedDecoder::add_bytes_test(std::uint32_t block) {
  const FlowBlock& at = flow_.blocks()[block];
  const bool starts_here = items_.size() == at.last - at.first;
  std::uint32_t start = 0;
  const auto first_test = ends_.equality(block, starts_here ? a_ : PlainLoad{}, start);
  const std::uint32_t captured = std::max(captured_, required_);
  if (!first_test || captured < sizeof(BytesTest::mask) || first_test->load.end() > captured ||
      ends_.needs_a(first_test->different)) {
    return false;
  }
  std::vector<EqualityTest> joined = {*first_test};
  while (join_equality(joined.back().equal, joined)) {
  }
  while (joined.size() > 1 && ends_.needs_a(joined.back().equal)) joined.pop_back();
  if (joined.size() < 2) return false;

  std::uint32_t first = captured - static_cast<std::uint32_t>(sizeof(BytesTest::mask));
  for (const EqualityTest& test : joined) first = std::min(first, test.load.k);
  BytesTest bytes;
  for (const EqualityTest& test : joined) {
    for (std::uint32_t i = 0; i < test.load.size; ++i) {
      const std::uint32_t shift = 8 * (test.load.size - 1 - i);
      bytes.mask[test.load.k - first + i] = static_cast<std::uint8_t>(test.mask >> shift);
      bytes.value[test.load.k - first + i] = static_cast<std::uint8_t>(test.value >> shift);
    }
  }
  add_items(items_.size() - (at.last - start));
  const std::uint32_t equal = joined.back().equal;
  const std::uint32_t different = joined.back().different;
  const auto on_equal = ends_.verdict(equal);
  const auto on_different = ends_.verdict(different);
  const bool returns = on_equal && on_different;
  Step& step = writer_.add(returns ? StepKind::kBytesReturn : StepKind::kBytesBranch, first);
  step.low = required_ > captured_ ? required_ : 0;
  step.width = static_cast<std::uint32_t>(writer_.code().bytes_tests.size());
  writer_.code().bytes_tests.push_back(bytes);
  captured_ = std::max(captured_, required_);
  a_ = {};
  if (returns) {
    writer_.return_verdicts(*on_equal, *on_different);
    return true;
  }
  writer_.lead_to_blocks(equal, different);
  reach(equal, captured_);
  reach(different, captured_);
  return true;
}

// Takes the items that load the value, and mask it where nothing else needs A, off the end.
ThreadedDecoder::Tested ThreadedDecoder::take_source(bool a_is_needed) {
  Tested tested;
  tested.needed = required_;
  const auto load_at = [&](std::size_t from_end) -> std::optional<PlainLoad> {
    if (items_.size() < from_end) return std::nullopt;
    const DecodedInstruction& now = code_[items_[items_.size() - from_end].instruction];
    if (info(now.operation).format == OperandFormat::kHeaderLength) return std::nullopt;
    const auto found = ends_.plain_load(now);
    return found && found->k <= kLargestOffset ? found : std::nullopt;
  };
  std::size_t taken = 0;
  std::optional<PlainLoad> load = load_at(1);
  if (load) {
    taken = 1;
  } else if (!a_is_needed && !items_.empty() &&
             code_[items_.back().instruction].operation == Operation::kAndConstant) {
    load = load_at(2);
    if (load) {
      taken = 2;
      tested.mask = code_[items_.back().instruction].k;
    }
  }
  if (!load) return tested;
  tested.load = *load;
  tested.source = source_of(*load);
  const Item item = items_[items_.size() - taken];
  items_.resize(items_.size() - taken);
  tested.needed = std::max(tested.needed, item.required);
  if (!load->indexed) {
    if (!lengths_.is_covered(item.instruction)) {
      tested.needed = std::max(tested.needed, load->end());
    }
    return tested;
  }
  if (items_.empty()) return tested;
  const Item before = items_.back();
  const auto source = behind_header(tested.source);
  if (source && code_[before.instruction].operation == Operation::kLoadXHeaderLength &&
      code_[before.instruction].k <= kLargestOffset && lengths_.is_covered(before.instruction)) {
    tested.source = *source;
    tested.header = code_[before.instruction].k;
    tested.needed = std::max(tested.needed, before.required);
    items_.pop_back();
  }
  return tested;
}

// Whether the value that is not in the set, or that is, leads to the same test of another load,
// which is then taken too. Nothing reads A where the test holds.
bool ThreadedDecoder::take_second(Tested& tested, SetTest& set) {
  const auto source = either_of(tested.source);
  if (!source || tested.mask != ~0U) return false;
  for (const auto& [holds, next] :
       {std::pair{set.inside, set.outside}, std::pair{set.outside, set.inside}}) {
    if (ends_.needs_a(holds) || ends_.verdict(next)) continue;
    const FlowBlock& at = flow_.blocks()[next];
    if (at.last - at.first != 1) continue;
    const auto load = ends_.plain_load(code_[at.first]);
    if (!load || load->size != tested.load.size || load->indexed != tested.load.indexed ||
        load->k < tested.load.k ||
        info(code_[at.first].operation).format == OperandFormat::kHeaderLength) {
      continue;
    }
    const auto partition = ends_.partition(next, effort_);
    const auto other = partition ? BlockEnds::as_set(*partition) : std::nullopt;
    if (!other || (other->inside != holds && other->outside != holds)) continue;
    std::vector<ValueRange> members = members_of(set, holds);
    if (members != members_of(*other, holds)) continue;
    set = {std::move(members), holds, other->inside == holds ? other->outside : other->inside};
    tested.source = *source;
    tested.second = load->k;
    return true;
  }
  return false;
}

void ThreadedDecoder::add_set_test(SetTest set, std::uint32_t mask) {
  Tested tested =
      take_source(mask != ~0U || ends_.needs_a(set.inside) || ends_.needs_a(set.outside));
  tested.mask &= mask;
  const bool two = take_second(tested, set);
  add_items(items_.size());
  const bool header = tested.source == TestSource::kHeaderByte ||
                      tested.source == TestSource::kHeaderHalf ||
                      tested.source == TestSource::kEitherHeaderHalf;
  const bool absolute = tested.load.size > 0 && !tested.load.indexed;
  if (!absolute || tested.needed > kLargestOffset) require(tested.needed);

  const auto on_inside = ends_.verdict(set.inside);
  const auto on_outside = ends_.verdict(set.outside);
  const bool returns = on_inside && on_outside;
  const ValueSet test = make_value_set(set.members, writer_.code().tables);
  Step& step = writer_.add_test(tested.source, test.kind, returns);
  step.offset = static_cast<std::uint16_t>(tested.load.k);
  step.k = two ? tested.second : tested.mask;
  step.low = test.low;
  step.width = test.width;
  if (header) {
    step.needed = static_cast<std::uint16_t>(tested.header);
  } else if (absolute) {
    step.needed = static_cast<std::uint16_t>(tested.needed > captured_ ? tested.needed : 0);
    captured_ = std::max({captured_, tested.needed, tested.load.end()});
  }
  if (returns) {
    writer_.return_verdicts(*on_inside, *on_outside);
    return;
  }
  writer_.lead_to_blocks(set.inside, set.outside);
  if (tested.load.size > 0) a_ = absolute && !two ? tested.load : PlainLoad{};
  reach(set.inside, captured_);
  if (two && absolute) captured_ = std::max(captured_, tested.second + tested.load.size);
  reach(set.outside, captured_);
}

bool ThreadedDecoder::add_selection(const Partition& partition) {
  const std::vector<PartitionPiece>& pieces = partition.pieces;
  if (pieces.size() < kFewestSelected) return false;
  const bool a_is_needed =
      std::any_of(pieces.begin(), pieces.end(),
                  [&](const PartitionPiece& piece) { return ends_.needs_a(piece.block); });
  const std::vector<Item> items = items_;
  Tested tested = take_source(a_is_needed);
  StepKind kind = StepKind::kSelectRegister;
  switch (tested.source) {
    case TestSource::kByte:
      kind = StepKind::kSelectByte;
      break;
    case TestSource::kHalf:
      kind = StepKind::kSelectHalf;
      break;
    case TestSource::kWord:
      kind = StepKind::kSelectWord;
      break;
    default:
      items_ = items;
      tested = Tested{};
      tested.needed = required_;
      break;
  }
  add_items(items_.size());
  if (tested.load.size == 0 || tested.needed > kLargestOffset) require(tested.needed);
  Step& step = writer_.add(kind, tested.mask);
  step.offset = static_cast<std::uint16_t>(tested.load.k);
  if (tested.load.size > 0) {
    step.needed = static_cast<std::uint16_t>(tested.needed > captured_ ? tested.needed : 0);
    captured_ = std::max({captured_, tested.needed, tested.load.end()});
    a_ = tested.load;
  }
  std::vector<std::uint32_t> borders;
  std::vector<std::uint32_t> blocks;
  for (const PartitionPiece& piece : pieces) {
    if (!blocks.empty()) borders.push_back(piece.low);
    blocks.push_back(piece.block);
    reach(piece.block, captured_);
  }
  writer_.select_blocks(borders, blocks);
  return true;
}

}  // namespace bpfc
