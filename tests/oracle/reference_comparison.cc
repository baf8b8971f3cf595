#include "tests/oracle/reference_comparison.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <optional>
#include <vector>

#include "grammar/parse.h"
#include "tests/oracle/classic_runner.h"
#include "tests/oracle/known_differences.h"
#include "tests/oracle/libpcap_judge.h"
#include "tests/oracle/system_names.h"
#include "tests/reference/evaluator.h"

namespace bpfc::oracle {

namespace {

constexpr std::uint32_t kNetmask = 0xffffff00U;
constexpr int kEthernet = 1;

std::string hex(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0xfU];
  }
  return text;
}

// A switch's tag is four bytes behind the addresses. libpcap 1.10.3 knows nothing of it, but what
// it says of Ethernet must be so of the packet without its tag, unless bytes are counted.
std::vector<std::uint8_t> without_tag(const std::vector<std::uint8_t>& packet) {
  constexpr std::ptrdiff_t kTag = 12;
  constexpr std::ptrdiff_t kTagEnd = 16;
  const auto size = static_cast<std::ptrdiff_t>(packet.size());
  std::vector<std::uint8_t> ethernet(packet.begin(), packet.begin() + std::min(size, kTag));
  ethernet.insert(ethernet.end(), packet.begin() + std::min(size, kTagEnd), packet.end());
  return ethernet;
}

}  // namespace

void Comparison::compare(const ListedExpression& line, std::span<const CorpusPacket> packets) {
  SCOPED_TRACE(line.link_type + " : " + line.text);
  static const SystemNames kNames;
  const int number = link_type_numbers().at(line.link_type);
  const bool tagged = !libpcap_knows_rules(number);
  const auto program =
      libpcap_compile(line.text, {tagged ? kEthernet : number, 262144, kNetmask, false});
  const auto filter = grammar::parse(line.text);
  if (!filter) {
    EXPECT_FALSE(program) << filter.error().message;
    ++refusals_;
    return;
  }
  const reference::Environment environment{.link_type = reference::LinkType(number),
                                           .netmask = kNetmask,
                                           .machine = reference::Machine::kLibpcap,
                                           .resolver = &kNames};
  const auto evaluator = reference::Evaluator::make(*filter, environment);
  if (!program || !evaluator) {
    EXPECT_TRUE(program.has_value() == evaluator.has_value() ||
                is_known_refusal(line.link_type, line.text, program.has_value()))
        << (program ? evaluator.error() : program.error());
    ++(program || evaluator ? known_refusals_ : refusals_);
    return;
  }
  ++expressions_;
  int reported = 0;
  std::optional<std::vector<KnownDifference>> known;  // looked up when there is a difference
  for (const CorpusPacket& packet : packets) {
    const auto theirs = tagged
                            ? run_classic(*program, without_tag(packet.bytes), packet.wire_length)
                            : run_classic(*program, packet.bytes, packet.wire_length);
    const bool ours = evaluator->accepts({packet.bytes, packet.wire_length, nullptr});
    ++verdicts_;
    accepted_ += ours ? 1 : 0;
    if (theirs && ours == (*theirs != 0)) {
      continue;
    }
    if (!known) {
      known = known_differences(kKnownDifferences, line.link_type, line.text);
    }
    if (any_applies(*known, packet.bytes)) {
      ++known_verdicts_;
    } else if (++reported <= 2) {
      ADD_FAILURE() << "reference " << ours << ", libpcap "
                    << (theirs ? std::to_string(*theirs) : "does not end") << " on "
                    << packet.wire_length << " " << hex(packet.bytes);
    }
  }
}

void Comparison::report(const std::string& title) const {
  std::cout << title << ": " << expressions_ << " expressions, " << refusals_
            << " refused by both, " << verdicts_ << " verdicts (" << accepted_
            << " accept), known differences: " << known_verdicts_ << " verdicts, "
            << known_refusals_ << " refusals\n";
}

}  // namespace bpfc::oracle
