#include "tests/oracle/kernel_comparison.h"

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <sstream>

#include "bpfc/listing.h"
#include "judge/network_namespace.h"
#include "judge/packet_judge.h"
#include "judge/unix_judge.h"

namespace bpfc::oracle {
namespace {

using Made = Expected<std::unique_ptr<judge::KernelJudge>, std::string>;

constexpr std::size_t kAmpleOptionMemory = 4'000'000;

std::string hexadecimal(std::span<const std::uint8_t> bytes) {
  std::ostringstream text;
  text << std::hex << std::setfill('0');
  for (const std::uint8_t byte : bytes) text << std::setw(2) << int{byte};
  return text.str();
}

template <typename Judge>
Made as_judge(Judge made) {
  if (!made) return Unexpected<std::string>(made.error());
  return std::unique_ptr<judge::KernelJudge>(*std::move(made));
}

Made make_packet_judge() { return as_judge(judge::PacketJudge::make()); }

// This judge can do with the machine's limit; a few large programs may then stay without a verdict.
Made make_unix_judge() {
  if (judge::enter_network_namespace().empty()) judge::set_option_memory(kAmpleOptionMemory);
  return as_judge(judge::UnixJudge::make());
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const JudgeCase& judge_case) {
  return out << judge_case.name;
}

JudgeCase unix_judge_case() { return {"unix", &make_unix_judge}; }
JudgeCase packet_judge_case() { return {"packet", &make_packet_judge}; }

void KernelComparison::SetUp() {
  auto made = GetParam().make();
  if (!made) GTEST_SKIP() << made.error();
  judge_ = *std::move(made);
}

void KernelComparison::compare(std::span<const VerifiedProgram> programs, const Frames& packets) {
  const auto judged = judge_->verdicts(programs, packets);
  ASSERT_TRUE(judged) << judged.error();
  for (std::size_t i = 0; i < programs.size(); ++i) {
    refused_ += judged->refusals[i] ? 1 : 0;
    // Without room for large programs there is no verdict on them.
    if (judged->refusals[i]) {
      ASSERT_EQ(judged->refusals[i]->kind, SocketErrorKind::kNoMemory)
          << judged->refusals[i]->message;
    }
  }
  programs_ += programs.size();
  not_judged_ += judged->not_judged;
  for (const judge::Sighting& sighting : judged->sightings) {
    ++sightings_;
    tagged_ += sighting.ancillary.vlan_tag_present ? 1 : 0;
    for (std::size_t i = 0; i < programs.size(); ++i) {
      if (judged->refusals[i]) continue;
      ASSERT_NO_FATAL_FAILURE(compare(programs[i], sighting, sighting.kept[i]));
    }
  }
}

void KernelComparison::compare(const VerifiedProgram& program, const judge::Sighting& sighting,
                               std::uint32_t kept) {
  ++verdicts_;
  accepted_ += kept > 0 ? 1 : 0;
  const std::size_t returned = interpret(program, sighting.view());
  const Ancillary& ancillary = sighting.ancillary;
  ASSERT_EQ(std::min(returned, sighting.bytes.size()), kept)
      << judge::to_string(sighting.vantage) << ": " << sighting.bytes.size() << " bytes "
      << hexadecimal(sighting.bytes) << "\nprotocol " << ancillary.protocol << ", packet type "
      << int{ancillary.packet_type} << ", network header at " << sighting.network_offset
      << ", payload at " << ancillary.payload_offset << ", mark " << ancillary.mark << ", queue "
      << ancillary.queue << ", hash " << ancillary.receive_hash << ", tag "
      << (ancillary.vlan_tag_present ? "" : "not ") << "present " << ancillary.vlan_tag << "\n"
      << to_listing(program.program()) << to_c_array(program.program());
}

void KernelComparison::report(const char* what) const {
  std::cout << judge_->name() << ", " << what << ": " << programs_ << " programs (" << refused_
            << " too large), " << sightings_ << " packets (" << tagged_
            << " with their tag beside them), " << not_judged_ << " not judged, " << verdicts_
            << " verdicts, " << accepted_ << " accepted, "
            << (HasFailure() ? "a disagreement" : "0 disagreements") << "\n";
}

}  // namespace bpfc::oracle
