// Finds packets that take the branches of programs both ways.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "judge/branch_coverage.h"
#include "judge/random_source.h"
#include "judge/test_packet.h"
#include "judge/trace.h"

namespace bpfc::judge {

// A branch is reached by reasoning on a run: what the value that it decides on was computed from is
// changed so that it goes the other way while those before it go the same. Where that fails chance
// is tried, for a bounded number of steps. Ways that no packet takes stay missing in coverage().
// Then packets are looked for that go each way and are accepted all the same.
//
// Deterministic: the same programs, seed and calls find the same packets. Not thread-safe.
class BranchExplorer {
 public:
  // The programs must outlive this. Where one of them loads ancillary data, packets have some.
  // `effort` bounds the instructions that are run: where all ways are found far fewer are.
  BranchExplorer(std::span<const VerifiedProgram* const> programs, std::uint64_t seed,
                 std::uint64_t effort);

  // A packet to start from, kept if it teaches anything.
  void learn(const TestPacket& packet);
  // To be called once, after the learning.
  void explore();
  // Those that went a new way, some of those learned, and blank ones: a thousand at most.
  const std::vector<TestPacket>& kept() const { return kept_; }

  // Counts a packet in the coverage; whether it went a new way in one of the programs.
  bool observe(const TestPacket& packet);
  // Of one of the programs, by all packets learned, found and observed.
  const BranchCoverage& coverage(std::size_t program) const { return subjects_[program].coverage; }

  TestPacket blank(std::size_t size) const;
  // One change of any kind.
  void change(TestPacket& packet);
  // A change that leaves the packet on its way: what else has to change for that is changed too.
  void change_on_the_way(TestPacket& packet);
  RandomSource& random() { return random_; }

 private:
  struct Subject {
    const VerifiedProgram* program;
    BranchCoverage coverage;
    BranchCoverage accepting;  // by packets that the program accepts
  };

  void run(const Subject& subject, const TestPacket& packet, Trace& result);
  // observe(), and keeps the packet if it did.
  bool keep_if_new(const TestPacket& packet);
  bool complete() const;

  void look_around(Subject& subject, const TestPacket& from);
  bool turn(Subject& subject, const TestPacket& from, const Trace& path, std::size_t at,
            TestPacket& turned);
  void wander();
  void detour(Subject& subject, const TestPacket& from);
  void rejoin(const Subject& subject, const Trace& path, std::size_t after, TestPacket& packet);

  RandomSource random_;
  std::vector<Subject> subjects_;
  bool with_ancillary_ = false;
  std::vector<TestPacket> kept_;
  std::uint64_t steps_left_;
  Trace trace_;  // for what needs one shortly
};

}  // namespace bpfc::judge
