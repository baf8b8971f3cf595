#include "vm/step_writer.h"

#include <cassert>
#include <utility>

#include "vm/threaded_run.h"

namespace bpfc {
namespace {

constexpr unsigned kSetKinds = 4;
constexpr unsigned kEndings = 2;
constexpr auto kFirstTest = static_cast<unsigned>(StepKind::kRegisterRangeBranch);

constexpr StepKind test_kind(TestSource source, SetKind test, bool returns) {
  const unsigned row = kSetKinds * static_cast<unsigned>(source) + static_cast<unsigned>(test);
  return static_cast<StepKind>(kFirstTest + kEndings * row + (returns ? 1U : 0U));
}
static_assert(test_kind(TestSource::kEitherHeaderHalf, SetKind::kSearch, true) ==
              StepKind::kEitherHeaderHalfSearchReturn);
static_assert(test_kind(TestSource::kHeaderByte, SetKind::kBitmap, false) ==
              StepKind::kHeaderByteBitmapBranch);

}  // namespace

Step& StepWriter::add(StepKind kind, std::uint32_t k) {
  kinds_.push_back(kind);
  Step step;
  step.k = k;
  code_.steps.push_back(step);
  return code_.steps.back();
}

Step& StepWriter::add_test(TestSource source, SetKind test, bool returns) {
  return add(test_kind(source, test, returns));
}

void StepWriter::lead_to_blocks(std::uint32_t on_true, std::uint32_t on_false) {
  ways_.push_back({code_.steps.size() - 1, on_true, on_false});
}

void StepWriter::return_verdicts(std::uint32_t on_true, std::uint32_t on_false) {
  code_.steps.back().ways = {static_cast<std::int32_t>(on_false),
                             static_cast<std::int32_t>(on_true)};
}

void StepWriter::select_blocks(const std::vector<std::uint32_t>& borders,
                               const std::vector<std::uint32_t>& blocks) {
  assert(blocks.size() == borders.size() + 1);
  std::vector<std::uint32_t>& words = code_.tables.words;
  Step& step = code_.steps.back();
  step.low = static_cast<std::uint32_t>(words.size());
  step.width = static_cast<std::uint32_t>(borders.size());
  words.insert(words.end(), borders.begin(), borders.end());
  selections_.push_back({code_.steps.size() - 1, words.size(), blocks});
  words.resize(words.size() + blocks.size());
}

ThreadedCode StepWriter::finish() {
  const auto distance = [&](std::size_t from, std::uint32_t block) {
    assert(first_steps_[block] != kNone);
    return step_distance(from, first_steps_[block]);
  };
  for (const Way& way : ways_) {
    code_.steps[way.step].ways = {distance(way.step, way.on_false),
                                  distance(way.step, way.on_true)};
  }
  for (const Selection& selection : selections_) {
    for (std::size_t i = 0; i < selection.blocks.size(); ++i) {
      code_.tables.words[selection.word + i] =
          static_cast<std::uint32_t>(distance(selection.step, selection.blocks[i]));
    }
  }
  link_threaded(code_, kinds_);
  return std::move(code_);
}

}  // namespace bpfc
