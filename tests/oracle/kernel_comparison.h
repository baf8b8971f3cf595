// interpret() under the kernel's rules against a kernel's judge, as a test fixture.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "judge/kernel_judge.h"

namespace bpfc::oracle {

using Frames = std::vector<std::vector<std::uint8_t>>;

inline constexpr std::size_t kEthernetHeader = 14;

struct JudgeCase {
  const char* name;
  Expected<std::unique_ptr<judge::KernelJudge>, std::string> (*make)();
};
std::ostream& operator<<(std::ostream& out, const JudgeCase& judge_case);

// `unix`, in a namespace where large programs have room if one can be made; `packet`.
JudgeCase unix_judge_case();
JudgeCase packet_judge_case();

// Skips where the judge cannot be had.
class KernelComparison : public ::testing::TestWithParam<JudgeCase> {
 protected:
  void SetUp() override;

  // At most as many programs as the judge takes at a time. A fatal failure: they differ.
  void compare(std::span<const VerifiedProgram> programs, const Frames& packets);
  // Prints the counts of all that has been compared.
  void report(const char* what) const;

  judge::KernelJudge& judge() const { return *judge_; }
  std::size_t programs() const { return programs_; }
  std::size_t verdicts() const { return verdicts_; }

 private:
  void compare(const VerifiedProgram& program, const judge::Sighting& sighting, std::uint32_t kept);

  std::unique_ptr<judge::KernelJudge> judge_;
  std::size_t programs_ = 0;
  std::size_t refused_ = 0;
  std::size_t sightings_ = 0;
  std::size_t tagged_ = 0;
  std::size_t not_judged_ = 0;
  std::size_t verdicts_ = 0;
  std::size_t accepted_ = 0;
};

}  // namespace bpfc::oracle
